package dev.tether.core.connection;

import dev.tether.core.CloseReason;
import dev.tether.core.frame.FrameFormatException;
import dev.tether.core.frame.FrameHandler;
import dev.tether.core.frame.FrameType;
import dev.tether.core.frame.IntroductionFrame;
import dev.tether.core.frame.TransportErrorCode;
import dev.tether.core.path.Paths;
import dev.tether.core.stream.StreamFrames;
import dev.tether.core.stream.StreamId;
import dev.tether.core.stream.StreamViolation;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Hands each frame of an authentic packet to the part of the connection that it concerns. The first violation is kept, and
 * the frames after it are ignored.
 */
final class FrameDispatcher implements FrameHandler {

    /** A rule of the protocol that the peer has broken. */
    record Violation(long code, long frameType, String reason) {}

    private static final int ACK_DELAY_UNIT_NS = 8_000;

    private final EngineContext context;
    private final Paths paths;
    private final Delivery delivery;
    private final StreamFrames streams;
    private final DeliveredMessages delivered;
    private final IncomingDatagrams datagrams;
    private final OwnAddress ownAddress;
    private final IncomingIntroductions introductions;
    private final FrameSettlement settlement;

    private long nowNs;
    private boolean pinged;
    private boolean streamed;
    private boolean closed;
    private @Nullable Violation violation;
    private @Nullable CloseReason peerClose;
    private long peerCloseFrameType;
    private @Nullable InetSocketAddress from;
    private int datagramLength;

    FrameDispatcher(
            EngineContext context,
            Paths paths,
            Delivery delivery,
            StreamFrames streams,
            DeliveredMessages delivered,
            IncomingDatagrams datagrams,
            OwnAddress ownAddress,
            IncomingIntroductions introductions,
            FrameSettlement settlement) {
        this.context = context;
        this.paths = paths;
        this.delivery = delivery;
        this.streams = streams;
        this.delivered = delivered;
        this.datagrams = datagrams;
        this.ownAddress = ownAddress;
        this.introductions = introductions;
        this.settlement = settlement;
    }

    /** Reads the frames of one packet that came in a datagram; returns whether it was ack-eliciting. */
    boolean dispatch(byte[] plaintext, int length, InetSocketAddress from, int datagramLength, long nowNs) {
        this.nowNs = nowNs;
        this.from = from;
        this.datagramLength = datagramLength;
        pinged = false;
        streamed = false;
        try {
            return context.frameReader.read(plaintext, 0, length, this);
        } catch (FrameFormatException e) {
            violate(TransportErrorCode.FRAME_ENCODING_ERROR, e.frameType(), String.valueOf(e.getMessage()));
            return true;
        }
    }

    /** Whether the last packet had a PING: it is acknowledged at once. */
    boolean wasPinged() {
        return pinged;
    }

    /**
     * Whether the last packet was one in the midst of stream data: the last one before a pause has a PING.
     * docs/PROTOCOL.md, "Acknowledgements".
     */
    boolean showedMoreToCome() {
        return streamed && !pinged;
    }

    /** From now on only reports of what the peer has got, and its close, are of any effect. docs/PROTOCOL.md, section 14. */
    void close() {
        closed = true;
    }

    /** Whether what a packet brings is dropped, so that the packet must not be acknowledged. */
    boolean isDropping() {
        return closed || violation != null;
    }

    @Nullable
    Violation violation() {
        return violation;
    }

    /** The peer's close, once it has arrived. */
    @Nullable
    CloseReason peerClose() {
        return peerClose;
    }

    /** The frame that the peer's transport complained of, 0 if unknown. */
    long peerCloseFrameType() {
        return peerCloseFrameType;
    }

    @Override
    public void onPing() {
        pinged = true;
    }

    @Override
    public void onAck(long[] ranges, int rangeCount, long ackDelay) {
        if (violation != null) {
            return;
        }
        long ackDelayNs = Math.min(ackDelay, Long.MAX_VALUE / ACK_DELAY_UNIT_NS) * ACK_DELAY_UNIT_NS;
        if (!delivery.onAck(ranges, rangeCount, ackDelayNs, settlement.at(nowNs), nowNs)) {
            violate(TransportErrorCode.PROTOCOL_VIOLATION, FrameType.ACK, "an ack for a packet that was never sent");
        }
        streams.setSendBuffer(context.sendBufferFor(delivery.congestionWindow()));
    }

    @Override
    public void onStream(long streamId, long streamOffset, byte[] buffer, int offset, int length, boolean fin) {
        if (isDropping()) {
            return;
        }
        streamed = true;
        if (fin && endsMessages(streamId, FrameType.STREAM, "finished")) {
            return;
        }
        try {
            streams.onStream(streamId, streamOffset, buffer, offset, length, fin);
        } catch (StreamViolation e) {
            violate(e);
        }
    }

    @Override
    public void onResetStream(long streamId, long errorCode, long finalSize) {
        if (!endsMessages(streamId, FrameType.RESET_STREAM, "reset")) {
            apply(() -> streams.onResetStream(streamId, errorCode, finalSize));
        }
    }

    @Override
    public void onStopSending(long streamId, long errorCode) {
        if (!endsMessages(streamId, FrameType.STOP_SENDING, "stopped")) {
            apply(() -> streams.onStopSending(streamId, errorCode));
        }
    }

    @Override
    public void onMaxData(long maximum) {
        streams.onMaxData(maximum);
    }

    @Override
    public void onMaxStreamData(long streamId, long maximum) {
        apply(() -> streams.onMaxStreamData(streamId, maximum));
    }

    @Override
    public void onMaxStreams(boolean bidirectional, long maximum) {
        streams.onMaxStreams(bidirectional, maximum);
    }

    @Override
    public void onDataBlocked(long limit) {}

    @Override
    public void onStreamDataBlocked(long streamId, long limit) {
        apply(() -> streams.onStreamDataBlocked(streamId));
    }

    @Override
    public void onStreamsBlocked(boolean bidirectional, long limit) {}

    @Override
    public void onPathChallenge(long data) {
        if (from != null) {
            paths.onChallenge(from, datagramLength, data);
        }
    }

    @Override
    public void onPathResponse(long data) {
        paths.onResponse(data, nowNs);
    }

    @Override
    public void onConnectionClose(boolean application, long errorCode, long frameType, String reason) {
        if (peerClose == null) {
            peerClose = new CloseReason(true, application, errorCode, reason);
            peerCloseFrameType = frameType;
        }
    }

    @Override
    public void onDatagram(byte[] buffer, int offset, int length) {
        if (isDropping()) {
            return;
        }
        String complaint = datagrams.complaint(length);
        if (complaint == null) {
            datagrams.onDatagram(buffer, offset, length);
        } else {
            violate(TransportErrorCode.PROTOCOL_VIOLATION, FrameType.DATAGRAM, complaint);
        }
    }

    @Override
    public void onMessagesDelivered(long linkId, long number) {
        if (violation == null) {
            delivered.onReported(linkId, number);
        }
    }

    @Override
    public void onObservedAddress(long sequence, InetSocketAddress address) {
        if (!isDropping()) {
            ownAddress.onReported(sequence, address);
        }
    }

    @Override
    public void onIntroduction(IntroductionFrame frame) {
        if (!isDropping()) {
            introductions.onFrame(frame);
        }
    }

    // docs/PROTOCOL.md, section 9.3
    private boolean endsMessages(long streamId, long frameType, String how) {
        if (streamId != StreamId.MESSAGES) {
            return false;
        }
        violate(TransportErrorCode.PROTOCOL_VIOLATION, frameType, "the message stream was " + how);
        return true;
    }

    private interface StreamInput {
        void run() throws StreamViolation;
    }

    private void apply(StreamInput input) {
        if (isDropping()) {
            return;
        }
        try {
            input.run();
        } catch (StreamViolation e) {
            violate(e);
        }
    }

    void violate(StreamViolation e) {
        violate(e.errorCode(), e.frameType(), String.valueOf(e.getMessage()));
    }

    /** Keeps a violation that was found elsewhere, unless one was found before. */
    void violate(long code, long frameType, String reason) {
        if (violation == null) {
            violation = new Violation(code, frameType, reason);
        }
    }
}
