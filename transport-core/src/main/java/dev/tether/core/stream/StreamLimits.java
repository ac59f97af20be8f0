package dev.tether.core.stream;

import dev.tether.core.wire.VarInt;

/**
 * What one side lets the other send at first; each side announces its own in its transport parameters. RFC 9000 §18.2.
 *
 * @param initialMaxData bytes on all streams together (initial_max_data); 0 to 2^62 - 1
 * @param initialMaxStreamData bytes on each stream (initial_max_stream_data_*); 0 to 2^62 - 1
 * @param initialMaxStreamsBidi bidirectional streams (initial_max_streams_bidi), counting stream 0, which is always allowed;
 *     0 to 2^60
 * @param initialMaxStreamsUni unidirectional streams (initial_max_streams_uni); 0 to 2^60
 */
public record StreamLimits(
        long initialMaxData, long initialMaxStreamData, long initialMaxStreamsBidi, long initialMaxStreamsUni) {

    /** The largest number of streams of one kind, since a stream id has 62 bits. RFC 9000 §4.6. */
    public static final long MAX_STREAMS = 1L << 60;

    /** @throws IllegalArgumentException naming the value that is out of its range, and the range */
    public StreamLimits {
        requireRange("initialMaxData", initialMaxData, VarInt.MAX);
        requireRange("initialMaxStreamData", initialMaxStreamData, VarInt.MAX);
        requireRange("initialMaxStreamsBidi", initialMaxStreamsBidi, MAX_STREAMS);
        requireRange("initialMaxStreamsUni", initialMaxStreamsUni, MAX_STREAMS);
    }

    /** 2 MiB in all, 1 MiB a stream, 256 streams of each kind. */
    public static StreamLimits defaults() {
        return new StreamLimits(2 << 20, 1 << 20, 256, 256);
    }

    private static void requireRange(String name, long value, long max) {
        if (value < 0 || value > max) {
            throw new IllegalArgumentException(name + " is " + value + ", it must be from 0 to " + max);
        }
    }
}
