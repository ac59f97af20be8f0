package dev.tether.core.connection;

import dev.tether.core.PeerIdentity;
import dev.tether.core.RandomSource;
import dev.tether.core.TransportSettings;
import dev.tether.core.frame.FrameReader;
import dev.tether.core.noise.KeyPair;
import dev.tether.core.protection.HandshakeMac;
import dev.tether.core.protection.StatelessResetTokens;
import dev.tether.core.stream.ChunkPool;
import dev.tether.core.stream.StreamBounds;
import dev.tether.core.stream.StreamLimits;
import dev.tether.core.stream.StreamSet;
import dev.tether.core.wire.TransportParameters;
import dev.tether.core.wire.VarInt;
import dev.tether.core.wire.WireWriter;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * What all connections of one event loop share: who they are, their settings, and the scratch buffers of the one packet
 * that is worked on at any time.
 */
public final class EngineContext {

    /** How many bytes of unused send buffers all connections together keep for the next one that needs some. */
    private static final int MAX_POOLED_CHUNKS = 8 << 20;

    /**
     * How many congestion windows a send buffer holds. A single stream may have half of it: what is in flight, and as much
     * again, as slow start doubles the window in a round trip.
     */
    private static final long SEND_BUFFER_WINDOWS = 4;

    /** How many gaps the received bytes of one stream may have: more than losses make in a window of 16 MiB. */
    private static final int MAX_GAPS = 4000;

    private final KeyPair keyPair;
    private final PeerIdentity identity;
    private final TransportSettings settings;
    private final RandomSource random;
    private final ByteBufAllocator allocator;
    private final HandshakeMac handshakeMac;
    private final StatelessResetTokens resetTokens;
    private final ChunkPool chunks = new ChunkPool(MAX_POOLED_CHUNKS);
    private final StreamBounds streamBounds;
    private final long instance;
    private final LinkLedger links;

    /** The plaintext of the packet that is opened or assembled. */
    final byte[] plaintext = new byte[Transmit.MAX_LENGTH];

    final FrameReader frameReader = new FrameReader();
    final WireWriter frameWriter = new WireWriter();
    final long[] ackRanges = new long[2 * 64];

    private long lastTimestampNs;

    public EngineContext(KeyPair keyPair, TransportSettings settings, RandomSource random, ByteBufAllocator allocator) {
        this.keyPair = keyPair;
        this.identity = keyPair.identity();
        this.handshakeMac = new HandshakeMac(identity);
        this.resetTokens = new StatelessResetTokens(keyPair);
        this.settings = settings;
        this.streamBounds = new StreamBounds(
                settings.maxConnectionWindow(), settings.maxStreamWindow(), settings.sendBuffer(), MAX_GAPS);
        this.random = random;
        this.links = new LinkLedger(settings.maxConnections());
        this.instance = 1 + (random.nextLong() & Long.MAX_VALUE) % VarInt.MAX;
        this.allocator = allocator;
    }

    public KeyPair keyPair() {
        return keyPair;
    }

    public PeerIdentity identity() {
        return identity;
    }

    public TransportSettings settings() {
        return settings;
    }

    public RandomSource random() {
        return random;
    }

    /** What was delivered of the numbered messages of all peers. */
    LinkLedger links() {
        return links;
    }

    /** What both sides of a handshake hash first, so that no other use of Noise can be mistaken for it. */
    public static byte[] prologue() {
        return "tether 1".getBytes(StandardCharsets.US_ASCII);
    }

    /** Checks the first MAC of handshake datagrams for this side. */
    public HandshakeMac handshakeMac() {
        return handshakeMac;
    }

    /** Makes the tokens of this side's stateless resets. */
    public StatelessResetTokens resetTokens() {
        return resetTokens;
    }

    /**
     * The timestamp of an initiation that is made now: later than any before, also within one instant, or the peer would
     * take the second for a replay. docs/PROTOCOL.md, section 6.2.
     */
    long newTimestampNs(long nowNs) {
        lastTimestampNs = Math.max(nowNs, lastTimestampNs + 1);
        return lastTimestampNs;
    }

    /** The lower one of both sides' idle timeouts, where 0 stands for none. RFC 9000 §10.1. */
    long idleTimeoutNs(long peerIdleTimeoutMs) {
        long own = settings.idleTimeout().toNanos();
        return peerIdleTimeoutMs == 0 ? own : Math.min(own, TimeUnit.MILLISECONDS.toNanos(peerIdleTimeoutMs));
    }

    IncomingDatagrams newIncomingDatagrams(ConnectionCounters counters) {
        return new IncomingDatagrams(settings, allocator, counters);
    }

    /** The size of the send buffer, in bytes, for a congestion window of so many. */
    int sendBufferFor(long congestionWindow) {
        long wanted = SEND_BUFFER_WINDOWS * congestionWindow;
        return (int) Math.max(settings.sendBuffer(), Math.min(wanted, settings.maxSendBuffer()));
    }

    StreamSet newStreams(boolean dialing) {
        return new StreamSet(dialing, streamLimits(dialing), streamBounds, allocator, chunks);
    }

    /** The message stream, which the dialing side opens, is there beside those of the applications. */
    private StreamLimits streamLimits(boolean dialing) {
        int maxStreams = settings.maxStreams();
        return new StreamLimits(
                settings.connectionWindow(), settings.streamWindow(), maxStreams + (dialing ? 0 : 1), maxStreams);
    }

    /** What this side tells the peer in the handshake. */
    TransportParameters localParameters(boolean dialing) {
        StreamLimits limits = streamLimits(dialing);
        return TransportParameters.builder()
                .idleTimeoutMs(settings.idleTimeout().toMillis())
                .maxUdpPayload(TransportSettings.MAX_DATAGRAM_SIZE)
                .initialMaxData(limits.initialMaxData())
                .initialMaxStreamData(limits.initialMaxStreamData())
                .initialMaxStreamsBidi(limits.initialMaxStreamsBidi())
                .initialMaxStreamsUni(limits.initialMaxStreamsUni())
                .maxAckDelayMs((int) settings.maxAckDelay().toMillis())
                .maxDatagramFrameSize(IncomingDatagrams.maxFrameSize(settings))
                .maxMessageSize(settings.maxMessageSize())
                .instance(instance)
                .build();
    }
}
