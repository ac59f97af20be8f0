package dev.tether.core.stream;

/** The number of a stream tells who opened it and in which directions it carries bytes. Source: RFC 9000 §2.1. */
public final class StreamId {

    /** The connection's first bidirectional stream, opened by the dialing side; it carries the messages. */
    public static final long MESSAGES = 0;

    private static final int ACCEPTING_SIDE_BIT = 0x01;
    private static final int UNIDIRECTIONAL_BIT = 0x02;

    private StreamId() {}

    /**
     * The id of a stream.
     *
     * @param index how many streams of this kind the same side opened before, 0 to 2^60 - 1
     */
    public static long of(long index, boolean openedByDialingSide, boolean bidirectional) {
        return index << 2 | (openedByDialingSide ? 0 : ACCEPTING_SIDE_BIT) | (bidirectional ? 0 : UNIDIRECTIONAL_BIT);
    }

    /** Whether the side that dialed the connection opened the stream. */
    public static boolean isOpenedByDialingSide(long id) {
        return (id & ACCEPTING_SIDE_BIT) == 0;
    }

    /** Whether bytes flow in both directions, and not only from the side that opened the stream. */
    public static boolean isBidirectional(long id) {
        return (id & UNIDIRECTIONAL_BIT) == 0;
    }

    /** How many streams of this kind the same side opened before. */
    public static long index(long id) {
        return id >>> 2;
    }
}
