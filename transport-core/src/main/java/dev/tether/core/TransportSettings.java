package dev.tether.core;

import java.time.Duration;

/**
 * Every limit and timer of a node, immutable. {@link #defaults()} suits most; {@link #toBuilder()} changes some.
 *
 * @param handshakeTimeout how long an attempt to connect may take in all; 10 s
 * @param handshakeResend the wait before the first resend of an initiation, doubling; 250 ms
 * @param handshakeResendMax the longest wait between two resends; 2 s
 * @param earlyDatagrams how many datagrams of the peer are kept that arrive before its response; 0 to 1000; 16
 * @param keepAlive after how long without hearing the peer a probe is sent; 15 s; zero for never. On a connection of which a NAT
 *     has forgotten the mapping in a pause, sooner, down to 1 s
 * @param unresponsiveProbes how many unanswered probes in a row make a connection unresponsive; 3
 * @param idleTimeout after how long without hearing the peer a connection is lost; 120 s; the lower of both sides' holds
 * @param maxAckDelay how long an acknowledgement may be held back; 25 ms (RFC 9000 §18.2); less than 2^14 ms
 * @param datagramSize the size of a UDP payload that the path carries; 1200 to 65,000 bytes; 1200
 * @param maxMessageSize the largest message that is accepted; 16 MiB
 * @param streamWindow how many bytes of one stream the peer may send ahead at first; 1 MiB
 * @param maxStreamWindow what {@code streamWindow} may grow to; 16 MiB
 * @param connectionWindow how many bytes of all streams the peer may send ahead at first; 2 MiB
 * @param maxConnectionWindow what {@code connectionWindow} may grow to; 64 MiB
 * @param maxStreams how many bidirectional streams the peer may have open at a time, and how many unidirectional ones; 0 to
 *     65,536; 256
 * @param openStreamTimeout how long {@code openStream()} waits while the peer allows no further stream; 10 s
 * @param sendBuffer how many bytes of all streams of a connection may wait for their acknowledgement, at least; it grows
 *     to four congestion windows, and falls again with them. One stream may take half of it; 1 MiB
 * @param maxSendBuffer what {@code sendBuffer} may grow to; 64 MiB
 * @param inboundQueue how many datagrams may wait for a connection; 100
 * @param acceptedQueue how many accepted connections may wait for a subscriber; 100
 * @param commandQueue how many commands of other threads may wait for a connection; 100
 * @param outboundQueue how many datagrams may wait for the socket; 10,000
 * @param datagramQueue how many unreliable datagrams may wait to be sent on a connection, and how many received ones for the
 *     application; both also up to so many times {@code datagramSize} bytes, or 65,535 if that is less. 0 to 2^20; 100; with
 *     0, none are sent and the peer is told to send none
 * @param linkTimeout how long a send of a link waits for a connection; 30 s
 * @param maxHalfOpen how many answered attempts may wait for their confirmation; 4096
 * @param maxConnections how many connections a node may have; 100,000
 * @param admissionTimeout how long the application may take to decide on an attempt of a peer before it is refused; should
 *     be below the dialing side's {@code handshakeTimeout}, which otherwise gives up first; 5 s
 * @param handshakesPerSecond how many new attempts of peers are answered per second, and a quarter of a second's worth of
 *     them at once; 0 to 1,000,000; 0, the default, for no limit. An attempt beyond that is not refused, but waits until
 *     its peer sends it again
 * @param handshakeRamp for how long after the node's start {@code handshakesPerSecond} holds; zero, the default, for always
 */
public record TransportSettings(
        Duration handshakeTimeout,
        Duration handshakeResend,
        Duration handshakeResendMax,
        int earlyDatagrams,
        Duration keepAlive,
        int unresponsiveProbes,
        Duration idleTimeout,
        Duration maxAckDelay,
        int datagramSize,
        int maxMessageSize,
        int streamWindow,
        int maxStreamWindow,
        int connectionWindow,
        int maxConnectionWindow,
        int maxStreams,
        Duration openStreamTimeout,
        int sendBuffer,
        int maxSendBuffer,
        int inboundQueue,
        int acceptedQueue,
        int commandQueue,
        int outboundQueue,
        int datagramQueue,
        Duration linkTimeout,
        int maxHalfOpen,
        int maxConnections,
        Duration admissionTimeout,
        int handshakesPerSecond,
        Duration handshakeRamp) {

    /** The smallest UDP payload that every path must carry, and the size of an initiation. RFC 9000 §14.1. */
    public static final int MIN_DATAGRAM_SIZE = 1200;

    /** The largest UDP payload that is used. */
    public static final int MAX_DATAGRAM_SIZE = 65_000;

    private static final TransportSettings DEFAULTS = new Builder().build();

    /** @throws IllegalArgumentException naming the value that is out of its range, and the range */
    public TransportSettings {
        requirePositive("handshakeTimeout", handshakeTimeout);
        requirePositive("handshakeResend", handshakeResend);
        requirePositive("handshakeResendMax", handshakeResendMax);
        requireRange("earlyDatagrams", earlyDatagrams, 0, 1000);
        if (keepAlive.isNegative()) {
            throw new IllegalArgumentException("keepAlive is " + keepAlive + ", it must not be negative");
        }
        requireRange("unresponsiveProbes", unresponsiveProbes, 1, 100);
        requirePositive("idleTimeout", idleTimeout);
        requirePositive("maxAckDelay", maxAckDelay);
        requireRange("maxAckDelay in ms", maxAckDelay.toMillis(), 0, (1 << 14) - 1);
        requireRange("datagramSize", datagramSize, MIN_DATAGRAM_SIZE, MAX_DATAGRAM_SIZE);
        requireRange("maxMessageSize", maxMessageSize, 1, 1 << 30);
        requireRange("streamWindow", streamWindow, 1024, 1 << 30);
        requireRange("maxStreamWindow", maxStreamWindow, streamWindow, 1 << 30);
        requireRange("connectionWindow", connectionWindow, 1024, 1 << 30);
        requireRange("maxConnectionWindow", maxConnectionWindow, connectionWindow, 1 << 30);
        requireRange("maxStreams", maxStreams, 0, 1 << 16);
        requirePositive("openStreamTimeout", openStreamTimeout);
        requireRange("sendBuffer", sendBuffer, 1024, 1 << 30);
        requireRange("maxSendBuffer", maxSendBuffer, sendBuffer, 1 << 30);
        requireRange("inboundQueue", inboundQueue, 1, 1 << 20);
        requireRange("acceptedQueue", acceptedQueue, 1, 1 << 20);
        requireRange("commandQueue", commandQueue, 1, 1 << 20);
        requireRange("outboundQueue", outboundQueue, 64, 1 << 20);
        requireRange("datagramQueue", datagramQueue, 0, 1 << 20);
        requirePositive("linkTimeout", linkTimeout);
        requireRange("maxHalfOpen", maxHalfOpen, 1, 1 << 24);
        requireRange("maxConnections", maxConnections, 1, 1 << 24);
        requirePositive("admissionTimeout", admissionTimeout);
        requireRange("handshakesPerSecond", handshakesPerSecond, 0, 1_000_000);
        if (handshakeRamp.isNegative()) {
            throw new IllegalArgumentException("handshakeRamp is " + handshakeRamp + ", it must not be negative");
        }
    }

    /** The defaults, as documented above. */
    public static TransportSettings defaults() {
        return DEFAULTS;
    }

    /** A builder that starts with these settings. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " is " + value + ", it must be above zero");
        }
    }

    private static void requireRange(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + " is " + value + ", it must be from " + min + " to " + max);
        }
    }

    /** Changes some of the settings; each setter is named like its component above. */
    public static final class Builder {

        private Duration handshakeTimeout = Duration.ofSeconds(10);
        private Duration handshakeResend = Duration.ofMillis(250);
        private Duration handshakeResendMax = Duration.ofSeconds(2);
        private int earlyDatagrams = 16;
        private Duration keepAlive = Duration.ofSeconds(15);
        private int unresponsiveProbes = 3;
        private Duration idleTimeout = Duration.ofMinutes(2);
        private Duration maxAckDelay = Duration.ofMillis(25);
        private int datagramSize = MIN_DATAGRAM_SIZE;
        private int maxMessageSize = 16 << 20;
        private int streamWindow = 1 << 20;
        private int maxStreamWindow = 16 << 20;
        private int connectionWindow = 2 << 20;
        private int maxConnectionWindow = 64 << 20;
        private int maxStreams = 256;
        private Duration openStreamTimeout = Duration.ofSeconds(10);
        private int sendBuffer = 1 << 20;
        private int maxSendBuffer = 64 << 20;
        private int inboundQueue = 100;
        private int acceptedQueue = 100;
        private int commandQueue = 100;
        private int outboundQueue = 10_000;
        private int datagramQueue = 100;
        private Duration linkTimeout = Duration.ofSeconds(30);
        private int maxHalfOpen = 4096;
        private int maxConnections = 100_000;
        private Duration admissionTimeout = Duration.ofSeconds(5);
        private int handshakesPerSecond;
        private Duration handshakeRamp = Duration.ZERO;

        private Builder() {}

        private Builder(TransportSettings from) {
            handshakeTimeout = from.handshakeTimeout;
            handshakeResend = from.handshakeResend;
            handshakeResendMax = from.handshakeResendMax;
            earlyDatagrams = from.earlyDatagrams;
            keepAlive = from.keepAlive;
            unresponsiveProbes = from.unresponsiveProbes;
            idleTimeout = from.idleTimeout;
            maxAckDelay = from.maxAckDelay;
            datagramSize = from.datagramSize;
            maxMessageSize = from.maxMessageSize;
            streamWindow = from.streamWindow;
            maxStreamWindow = from.maxStreamWindow;
            connectionWindow = from.connectionWindow;
            maxConnectionWindow = from.maxConnectionWindow;
            maxStreams = from.maxStreams;
            openStreamTimeout = from.openStreamTimeout;
            sendBuffer = from.sendBuffer;
            maxSendBuffer = from.maxSendBuffer;
            inboundQueue = from.inboundQueue;
            acceptedQueue = from.acceptedQueue;
            commandQueue = from.commandQueue;
            outboundQueue = from.outboundQueue;
            datagramQueue = from.datagramQueue;
            linkTimeout = from.linkTimeout;
            maxHalfOpen = from.maxHalfOpen;
            maxConnections = from.maxConnections;
            admissionTimeout = from.admissionTimeout;
            handshakesPerSecond = from.handshakesPerSecond;
            handshakeRamp = from.handshakeRamp;
        }

        public Builder handshakeTimeout(Duration value) {
            handshakeTimeout = value;
            return this;
        }

        public Builder handshakeResend(Duration value) {
            handshakeResend = value;
            return this;
        }

        public Builder handshakeResendMax(Duration value) {
            handshakeResendMax = value;
            return this;
        }

        public Builder earlyDatagrams(int value) {
            earlyDatagrams = value;
            return this;
        }

        public Builder keepAlive(Duration value) {
            keepAlive = value;
            return this;
        }

        public Builder unresponsiveProbes(int value) {
            unresponsiveProbes = value;
            return this;
        }

        public Builder idleTimeout(Duration value) {
            idleTimeout = value;
            return this;
        }

        public Builder maxAckDelay(Duration value) {
            maxAckDelay = value;
            return this;
        }

        public Builder datagramSize(int value) {
            datagramSize = value;
            return this;
        }

        public Builder maxMessageSize(int value) {
            maxMessageSize = value;
            return this;
        }

        public Builder streamWindow(int value) {
            streamWindow = value;
            return this;
        }

        public Builder maxStreamWindow(int value) {
            maxStreamWindow = value;
            return this;
        }

        public Builder connectionWindow(int value) {
            connectionWindow = value;
            return this;
        }

        public Builder maxConnectionWindow(int value) {
            maxConnectionWindow = value;
            return this;
        }

        public Builder maxStreams(int value) {
            maxStreams = value;
            return this;
        }

        public Builder openStreamTimeout(Duration value) {
            openStreamTimeout = value;
            return this;
        }

        public Builder sendBuffer(int value) {
            sendBuffer = value;
            return this;
        }

        public Builder maxSendBuffer(int value) {
            maxSendBuffer = value;
            return this;
        }

        public Builder inboundQueue(int value) {
            inboundQueue = value;
            return this;
        }

        public Builder acceptedQueue(int value) {
            acceptedQueue = value;
            return this;
        }

        public Builder commandQueue(int value) {
            commandQueue = value;
            return this;
        }

        public Builder outboundQueue(int value) {
            outboundQueue = value;
            return this;
        }

        public Builder datagramQueue(int value) {
            datagramQueue = value;
            return this;
        }

        public Builder linkTimeout(Duration value) {
            linkTimeout = value;
            return this;
        }

        public Builder maxHalfOpen(int value) {
            maxHalfOpen = value;
            return this;
        }

        public Builder maxConnections(int value) {
            maxConnections = value;
            return this;
        }

        public Builder admissionTimeout(Duration value) {
            admissionTimeout = value;
            return this;
        }

        public Builder handshakesPerSecond(int value) {
            handshakesPerSecond = value;
            return this;
        }

        public Builder handshakeRamp(Duration value) {
            handshakeRamp = value;
            return this;
        }

        /**
         * The settings.
         *
         * @throws IllegalArgumentException naming a value that is out of its range, and the range
         */
        public TransportSettings build() {
            return new TransportSettings(
                    handshakeTimeout,
                    handshakeResend,
                    handshakeResendMax,
                    earlyDatagrams,
                    keepAlive,
                    unresponsiveProbes,
                    idleTimeout,
                    maxAckDelay,
                    datagramSize,
                    maxMessageSize,
                    streamWindow,
                    maxStreamWindow,
                    connectionWindow,
                    maxConnectionWindow,
                    maxStreams,
                    openStreamTimeout,
                    sendBuffer,
                    maxSendBuffer,
                    inboundQueue,
                    acceptedQueue,
                    commandQueue,
                    outboundQueue,
                    datagramQueue,
                    linkTimeout,
                    maxHalfOpen,
                    maxConnections,
                    admissionTimeout,
                    handshakesPerSecond,
                    handshakeRamp);
        }
    }
}
