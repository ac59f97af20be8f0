package dev.tether.core.wire;

import org.jspecify.annotations.Nullable;

/**
 * One row for each transport parameter: its number on the wire, its range and the value that stands for one that is
 * absent. Source: docs/PROTOCOL.md, "Transport parameters"; RFC 9000 §18.2; RFC 9221 §3 for the DATAGRAM frame's.
 */
enum TransportParameter {
    IDLE_TIMEOUT_MS(0x10, "idle timeout in ms", 0, 0xffff_ffffL, 0),
    MAX_UDP_PAYLOAD(0x11, "max UDP payload", 1200, 65_527, 65_527),
    INITIAL_MAX_DATA(0x12, "initial max data", 0, VarInt.MAX, 0),
    INITIAL_MAX_STREAM_DATA(0x13, "initial max stream data", 0, VarInt.MAX, 0),
    INITIAL_MAX_STREAMS_BIDI(0x14, "initial max streams bidi", 0, 1L << 60, 0),
    INITIAL_MAX_STREAMS_UNI(0x15, "initial max streams uni", 0, 1L << 60, 0),
    MAX_ACK_DELAY_MS(0x16, "max ack delay in ms", 0, (1 << 14) - 1, 25),
    MAX_DATAGRAM_FRAME_SIZE(0x17, "max DATAGRAM frame size", 0, VarInt.MAX, 0),
    MAX_MESSAGE_SIZE(0x18, "max message size", 0, VarInt.MAX, 16L << 20),
    INSTANCE(0x19, "instance", 0, VarInt.MAX, 0);

    private static final TransportParameter[] ALL = values();

    private final int id;
    private final String label;
    private final long min;
    private final long max;
    private final long whenAbsent;

    TransportParameter(int id, String label, long min, long max, long whenAbsent) {
        this.id = id;
        this.label = label;
        this.min = min;
        this.max = max;
        this.whenAbsent = whenAbsent;
    }

    /** The parameter with this number, null if there is none. */
    static @Nullable TransportParameter ofId(long id) {
        for (TransportParameter parameter : ALL) {
            if (parameter.id == id) {
                return parameter;
            }
        }
        return null;
    }

    int id() {
        return id;
    }

    long whenAbsent() {
        return whenAbsent;
    }

    boolean accepts(long value) {
        return value >= min && value <= max;
    }

    /** What is wrong with a value that is not accepted. */
    String complaint(long value) {
        return "transport parameter " + label + " (0x" + Integer.toHexString(id) + ") is " + value + ", not in " + min
                + " to " + max;
    }
}
