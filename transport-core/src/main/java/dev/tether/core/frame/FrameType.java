package dev.tether.core.frame;

/**
 * The numbers of the frame types. Up to 0x3f they are those of RFC 9000 §19 and RFC 9221 §4; Tether's own start at 0x40.
 */
public final class FrameType {

    public static final int PADDING = 0x00;
    public static final int PING = 0x01;
    public static final int ACK = 0x02;
    public static final int ACK_ECN = 0x03;
    public static final int RESET_STREAM = 0x04;
    public static final int STOP_SENDING = 0x05;
    /** The lowest of the eight STREAM types; the three low bits are {@link #STREAM_OFF_BIT} and its two siblings. */
    public static final int STREAM = 0x08;

    public static final int MAX_DATA = 0x10;
    public static final int MAX_STREAM_DATA = 0x11;
    public static final int MAX_STREAMS_BIDI = 0x12;
    public static final int MAX_STREAMS_UNI = 0x13;
    public static final int DATA_BLOCKED = 0x14;
    public static final int STREAM_DATA_BLOCKED = 0x15;
    public static final int STREAMS_BLOCKED_BIDI = 0x16;
    public static final int STREAMS_BLOCKED_UNI = 0x17;
    public static final int PATH_CHALLENGE = 0x1a;
    public static final int PATH_RESPONSE = 0x1b;
    /** A close for a violation of the protocol. */
    public static final int CONNECTION_CLOSE = 0x1c;
    /** A close by the application. */
    public static final int CONNECTION_CLOSE_APPLICATION = 0x1d;
    /** An unreliable message that reaches to the end of the packet. RFC 9221 §4. */
    public static final int DATAGRAM = 0x30;
    /** An unreliable message with a length. RFC 9221 §4. */
    public static final int DATAGRAM_WITH_LENGTH = 0x31;

    /** How far the numbered messages of a link were handed to the application. docs/PROTOCOL.md, "MESSAGES_DELIVERED". */
    public static final int MESSAGES_DELIVERED = 0x42;

    /** At which address the receiver is seen. docs/PROTOCOL.md, "OBSERVED_ADDRESS". */
    public static final int OBSERVED_ADDRESS = 0x43;

    /** Asks a gateway to introduce the sender to another peer. docs/PROTOCOL.md, "INTRODUCE". */
    public static final int INTRODUCE = 0x44;

    /** A gateway tells a peer who wants to reach it, and where that one may be reached. docs/PROTOCOL.md, "INTRODUCTION". */
    public static final int INTRODUCTION = 0x45;

    /** A peer's answer to an INTRODUCTION. docs/PROTOCOL.md, "INTRODUCTION_ANSWER". */
    public static final int INTRODUCTION_ANSWER = 0x46;

    /** A gateway's answer to an INTRODUCE. docs/PROTOCOL.md, "INTRODUCED". */
    public static final int INTRODUCED = 0x47;

    static final int STREAM_FIN_BIT = 0x01;
    static final int STREAM_LEN_BIT = 0x02;
    static final int STREAM_OFF_BIT = 0x04;

    private FrameType() {}
}
