package dev.tether.core.connection;

import dev.tether.core.PeerIdentity;
import dev.tether.core.RandomSource;
import dev.tether.core.TransportSettings;
import dev.tether.core.noise.HandshakeFailedException;
import dev.tether.core.noise.HandshakeState;
import dev.tether.core.noise.TransportKeys;
import dev.tether.core.path.PunchSession;
import dev.tether.core.protection.HandshakeMac;
import dev.tether.core.wire.HandshakePayload;
import dev.tether.core.wire.InitiationDatagram;
import dev.tether.core.wire.ResponseDatagram;
import dev.tether.core.wire.VersionRange;
import dev.tether.core.wire.WireFormatException;
import dev.tether.core.wire.WireWriter;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The dialing side's handshake: one initiation, sent again with growing pauses until a response authenticates or the time
 * is up. docs/PROTOCOL.md, "Handshake".
 */
final class InitiatorHandshake implements Handshake {

    /**
     * What an authentic response brings.
     *
     * @param payload null if it is malformed
     */
    record Response(
            long remoteConnectionId,
            TransportKeys keys,
            @Nullable HandshakePayload payload) {}

    /** How long the peer's attempt may take before the own one goes on. docs/PROTOCOL.md, "Simultaneous open". */
    private static final long PAUSE_NS = TimeUnit.SECONDS.toNanos(1);

    private final EngineContext context;
    private final HandshakeState noise;
    private final long localConnectionId;
    private final byte[] initiation;
    private final long deadlineNs;
    private final EarlyDatagrams early;
    private long nextSendNs;
    private long pauseNs;
    private double growth = 2;
    private long maxPauseNs;
    private long pausedUntilNs = Long.MIN_VALUE;
    private long lastSentNs;
    private int attempt;
    private @Nullable Throwable sendError;

    /**
     * Prepares an attempt.
     *
     * @throws HandshakeFailedException if the remote key is of low order, so that nobody can hold it
     */
    InitiatorHandshake(EngineContext context, PeerIdentity remote, long localConnectionId, long nowNs)
            throws HandshakeFailedException {
        this.context = context;
        this.localConnectionId = localConnectionId;
        this.noise = HandshakeState.initiator(context.keyPair(), remote, EngineContext.prologue(), context.random());
        this.initiation = initiation(remote, nowNs);
        this.deadlineNs = nowNs + context.settings().handshakeTimeout().toNanos();
        this.nextSendNs = nowNs;
        this.pauseNs = context.settings().handshakeResend().toNanos();
        this.maxPauseNs = context.settings().handshakeResendMax().toNanos();
        this.early = new EarlyDatagrams(context.settings().earlyDatagrams());
    }

    @Override
    public byte @Nullable [] poll(long nowNs) {
        if (nowNs < nextSendNs) {
            return null;
        }
        attempt++;
        lastSentNs = nowNs;
        nextSendNs = nowNs + jittered(pauseNs, context.random());
        pauseNs = Math.min((long) (growth * pauseNs), maxPauseNs);
        return initiation;
    }

    /** Has the initiation sent again at once. */
    void resend(long nowNs) {
        nextSendNs = nowNs;
        pausedUntilNs = nowNs;
    }

    /**
     * The peer was found at an address that works both ways: sends the initiation again at once, unless it is held back, and after that as
     * often as probes are. docs/PROTOCOL.md, section 12.1.
     */
    void onFound(long nowNs) {
        pauseNs = PunchSession.FIRST_PAUSE_NS;
        growth = PunchSession.PAUSE_GROWTH;
        maxPauseNs = PunchSession.MAX_PAUSE_NS;
        if (!isPaused(nowNs)) {
            nextSendNs = nowNs;
        }
    }

    /** Sends nothing for a while: the peer's attempt has precedence. */
    void pause(long nowNs) {
        pausedUntilNs = nowNs + PAUSE_NS;
        nextSendNs = pausedUntilNs;
    }

    boolean isPaused(long nowNs) {
        return nowNs < pausedUntilNs;
    }

    /** What has arrived before the response. */
    EarlyDatagrams early() {
        return early;
    }

    /** An initiation could not be sent. */
    void onSendError(Throwable cause) {
        sendError = cause;
    }

    /** Why the last initiation that could not be sent could not; null if there was none. */
    @Nullable
    Throwable sendError() {
        return sendError;
    }

    /** How many initiations were sent. */
    int attempt() {
        return attempt;
    }

    /** The round trip if the answer arrives now, in nanoseconds; 0 if it may be the answer to any of several initiations. */
    long roundTripNs(long nowNs) {
        return attempt == 1 ? nowNs - lastSentNs : 0;
    }

    @Override
    public long timeoutNs() {
        return Math.min(nextSendNs, deadlineNs);
    }

    @Override
    public boolean hasTimedOut(long nowNs) {
        return nowNs >= deadlineNs;
    }

    /** Reads a response; null if it is not an authentic answer to this initiation. A forged one leaves no trace. */
    @Nullable
    Response read(byte[] datagram, int offset, int length) {
        if (!ResponseDatagram.isWellFormed(datagram, offset, length)
                || ResponseDatagram.receiverConnectionId(datagram, offset) != localConnectionId
                || !context.handshakeMac().verifyMac1(datagram, offset, length)) {
            return null;
        }
        byte[] plaintext = new byte[length];
        int plaintextLength;
        try {
            plaintextLength = noise.readMessage(
                    datagram, ResponseDatagram.noiseOffset(offset), ResponseDatagram.noiseLength(length), plaintext, 0);
        } catch (HandshakeFailedException e) {
            return null;
        }
        return new Response(
                ResponseDatagram.senderConnectionId(datagram, offset),
                noise.split(),
                payload(plaintext, plaintextLength));
    }

    private static @Nullable HandshakePayload payload(byte[] plaintext, int length) {
        try {
            return HandshakePayload.decodeResponse(plaintext, 0, length);
        } catch (WireFormatException e) {
            return null;
        }
    }

    private byte[] initiation(PeerIdentity remote, long nowNs) throws HandshakeFailedException {
        byte[] datagram = new byte[TransportSettings.MIN_DATAGRAM_SIZE];
        InitiationDatagram.writeHeader(new WireWriter().wrap(datagram, 0, datagram.length), localConnectionId);
        byte[] payload = HandshakePayload.builder()
                .supportedVersions(VersionRange.SUPPORTED)
                .timestampNs(context.newTimestampNs(nowNs))
                .statelessResetToken(context.resetTokens().tokenOf(localConnectionId))
                .transportParameters(context.localParameters(true))
                .build()
                .encode(InitiationDatagram.payloadLength(datagram.length));
        noise.writeMessage(payload, 0, payload.length, datagram, InitiationDatagram.NOISE_OFFSET);
        new HandshakeMac(remote).write(datagram, 0, datagram.length, null);
        return datagram;
    }

    /** {@code durationNs} ± 20 %, so that peers which start together do not resend together. */
    private static long jittered(long durationNs, RandomSource random) {
        return (long) (durationNs * (0.8 + 0.4 * random.nextDouble()));
    }
}
