package dev.tether.core.wire;

/** The first byte of a datagram says what it is. Source: docs/PROTOCOL.md, "Datagrams". */
public final class DatagramType {

    /** The first message of a handshake, see {@link InitiationDatagram}. */
    public static final int INITIATION = 0x01;
    /** The answer to an initiation, see {@link ResponseDatagram}. */
    public static final int RESPONSE = 0x02;
    /** What a loaded responder sends instead of a response, see {@link CookieReplyDatagram}. */
    public static final int COOKIE_REPLY = 0x03;
    /** A packet of an established session, see {@link DataHeader}. */
    public static final int DATA = 0x04;
    /** The answer to a packet of a session that is gone, see {@link StatelessResetDatagram}. */
    public static final int STATELESS_RESET = 0x05;
    /** What two peers send each other to find a path between them, see {@link PunchDatagram}. */
    public static final int PUNCH = 0x06;

    private DatagramType() {}
}
