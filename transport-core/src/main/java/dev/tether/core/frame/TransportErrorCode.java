package dev.tether.core.frame;

/** The codes of a CONNECTION_CLOSE by the transport, and of refusals. Source: RFC 9000 §20.1; Tether's own start at 0x40. */
public final class TransportErrorCode {

    public static final long NO_ERROR = 0x00;
    public static final long INTERNAL_ERROR = 0x01;
    /** The application does not want the connection; its own code is beside this one. */
    public static final long CONNECTION_REFUSED = 0x02;

    public static final long FLOW_CONTROL_ERROR = 0x03;
    public static final long STREAM_LIMIT_ERROR = 0x04;
    public static final long STREAM_STATE_ERROR = 0x05;
    public static final long FINAL_SIZE_ERROR = 0x06;
    public static final long FRAME_ENCODING_ERROR = 0x07;
    public static final long TRANSPORT_PARAMETER_ERROR = 0x08;
    public static final long PROTOCOL_VIOLATION = 0x0a;
    /** The peer is known to have started another connection, and this one is dropped for it. */
    public static final long SUPERSEDED = 0x40;
    /** The peer has more than it can serve. */
    public static final long OVERLOADED = 0x41;
    /** The supported versions of both sides have none in common. */
    public static final long VERSION_MISMATCH = 0x42;
    /** The node shuts down in order, and takes no further connection. */
    public static final long NODE_CLOSING = 0x43;
    /** The sender has not heard the other side for the idle timeout, and has given the connection up. */
    public static final long IDLE_TIMEOUT = 0x44;

    private TransportErrorCode() {}
}
