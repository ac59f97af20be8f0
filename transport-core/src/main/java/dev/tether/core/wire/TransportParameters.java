package dev.tether.core.wire;

import java.util.EnumMap;
import java.util.Map;

/**
 * What a peer declares in the handshake about itself: how much it is ready to receive, and how it behaves. Immutable.
 * Source: docs/PROTOCOL.md, "Transport parameters"; RFC 9000 §18.2.
 *
 * @param idleTimeoutMs after how many milliseconds of silence the peer gives the connection up, 0 (never) to 2^32 - 1; the
 *     smaller one of both sides that is not 0 applies. RFC 9000 §10.1
 * @param maxUdpPayload the longest datagram that the peer takes, 1200 to 65,527 bytes
 * @param initialMaxData the first MAX_DATA, in bytes
 * @param initialMaxStreamData the first MAX_STREAM_DATA of each stream, whoever opens it, in bytes
 * @param initialMaxStreamsBidi the first MAX_STREAMS for bidirectional streams, 0 to 2^60
 * @param initialMaxStreamsUni the first MAX_STREAMS for unidirectional streams, 0 to 2^60
 * @param maxAckDelayMs the longest time by which the peer delays an acknowledgement, 0 to 2^14 - 1 milliseconds
 * @param maxDatagramFrameSize the longest DATAGRAM frame that the peer takes, with its type and length, in bytes; 0: none.
 *     RFC 9221 §3
 * @param maxMessageSize the longest message that the peer takes, in bytes
 * @param instance a number that the peer has drawn when it started, 1 to 2^62 - 1; 0: not known. The same number stands for
 *     the same memory of what was delivered
 */
public record TransportParameters(
        long idleTimeoutMs,
        int maxUdpPayload,
        long initialMaxData,
        long initialMaxStreamData,
        long initialMaxStreamsBidi,
        long initialMaxStreamsUni,
        int maxAckDelayMs,
        long maxDatagramFrameSize,
        long maxMessageSize,
        long instance) {

    /**
     * What a peer has declared that sent none of them: no idle timeout, datagrams of up to 65,527 bytes, no credit and no
     * streams at all, 25 ms of ack delay, no DATAGRAM frames, messages of up to 16 MiB.
     */
    public static final TransportParameters WHEN_ABSENT = builder().build();

    /** @throws IllegalArgumentException naming the first parameter that is not in its range */
    public TransportParameters {
        require(TransportParameter.IDLE_TIMEOUT_MS, idleTimeoutMs);
        require(TransportParameter.MAX_UDP_PAYLOAD, maxUdpPayload);
        require(TransportParameter.INITIAL_MAX_DATA, initialMaxData);
        require(TransportParameter.INITIAL_MAX_STREAM_DATA, initialMaxStreamData);
        require(TransportParameter.INITIAL_MAX_STREAMS_BIDI, initialMaxStreamsBidi);
        require(TransportParameter.INITIAL_MAX_STREAMS_UNI, initialMaxStreamsUni);
        require(TransportParameter.MAX_ACK_DELAY_MS, maxAckDelayMs);
        require(TransportParameter.MAX_DATAGRAM_FRAME_SIZE, maxDatagramFrameSize);
        require(TransportParameter.MAX_MESSAGE_SIZE, maxMessageSize);
        require(TransportParameter.INSTANCE, instance);
    }

    /** A builder that starts from {@link #WHEN_ABSENT}. */
    public static Builder builder() {
        return new Builder();
    }

    long valueOf(TransportParameter parameter) {
        return switch (parameter) {
            case IDLE_TIMEOUT_MS -> idleTimeoutMs;
            case MAX_UDP_PAYLOAD -> maxUdpPayload;
            case INITIAL_MAX_DATA -> initialMaxData;
            case INITIAL_MAX_STREAM_DATA -> initialMaxStreamData;
            case INITIAL_MAX_STREAMS_BIDI -> initialMaxStreamsBidi;
            case INITIAL_MAX_STREAMS_UNI -> initialMaxStreamsUni;
            case MAX_ACK_DELAY_MS -> maxAckDelayMs;
            case MAX_DATAGRAM_FRAME_SIZE -> maxDatagramFrameSize;
            case MAX_MESSAGE_SIZE -> maxMessageSize;
            case INSTANCE -> instance;
        };
    }

    private static void require(TransportParameter parameter, long value) {
        if (!parameter.accepts(value)) {
            throw new IllegalArgumentException(parameter.complaint(value));
        }
    }

    /** Collects the parameters; what is not set keeps its value of {@link #WHEN_ABSENT}. */
    public static final class Builder {

        private final Map<TransportParameter, Long> values = new EnumMap<>(TransportParameter.class);

        private Builder() {}

        public Builder idleTimeoutMs(long value) {
            return set(TransportParameter.IDLE_TIMEOUT_MS, value);
        }

        public Builder maxUdpPayload(int value) {
            return set(TransportParameter.MAX_UDP_PAYLOAD, value);
        }

        public Builder initialMaxData(long value) {
            return set(TransportParameter.INITIAL_MAX_DATA, value);
        }

        public Builder initialMaxStreamData(long value) {
            return set(TransportParameter.INITIAL_MAX_STREAM_DATA, value);
        }

        public Builder initialMaxStreamsBidi(long value) {
            return set(TransportParameter.INITIAL_MAX_STREAMS_BIDI, value);
        }

        public Builder initialMaxStreamsUni(long value) {
            return set(TransportParameter.INITIAL_MAX_STREAMS_UNI, value);
        }

        public Builder maxAckDelayMs(int value) {
            return set(TransportParameter.MAX_ACK_DELAY_MS, value);
        }

        public Builder maxDatagramFrameSize(long value) {
            return set(TransportParameter.MAX_DATAGRAM_FRAME_SIZE, value);
        }

        public Builder maxMessageSize(long value) {
            return set(TransportParameter.MAX_MESSAGE_SIZE, value);
        }

        public Builder instance(long value) {
            return set(TransportParameter.INSTANCE, value);
        }

        /**
         * The parameters as set so far.
         *
         * @throws IllegalArgumentException naming the first parameter that is not in its range
         */
        public TransportParameters build() {
            return new TransportParameters(
                    get(TransportParameter.IDLE_TIMEOUT_MS),
                    (int) get(TransportParameter.MAX_UDP_PAYLOAD),
                    get(TransportParameter.INITIAL_MAX_DATA),
                    get(TransportParameter.INITIAL_MAX_STREAM_DATA),
                    get(TransportParameter.INITIAL_MAX_STREAMS_BIDI),
                    get(TransportParameter.INITIAL_MAX_STREAMS_UNI),
                    (int) get(TransportParameter.MAX_ACK_DELAY_MS),
                    get(TransportParameter.MAX_DATAGRAM_FRAME_SIZE),
                    get(TransportParameter.MAX_MESSAGE_SIZE),
                    get(TransportParameter.INSTANCE));
        }

        Builder set(TransportParameter parameter, long value) {
            values.put(parameter, value);
            return this;
        }

        private long get(TransportParameter parameter) {
            return values.getOrDefault(parameter, parameter.whenAbsent());
        }
    }
}
