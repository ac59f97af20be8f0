package dev.tether.core.connection;

import dev.tether.core.PeerIdentity;
import dev.tether.core.noise.TransportKeys;
import dev.tether.core.path.Paths;
import dev.tether.core.recovery.AckTracker;
import dev.tether.core.stream.MessageReader;
import dev.tether.core.stream.MessageWriter;
import dev.tether.core.stream.StreamFrames;
import dev.tether.core.stream.StreamId;
import dev.tether.core.stream.StreamLimits;
import dev.tether.core.stream.StreamSet;
import dev.tether.core.stream.StreamViolation;
import dev.tether.core.wire.HandshakePayload;
import dev.tether.core.wire.TransportParameters;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a connection has once its keys are agreed on: the exchange of data packets, and the messages in them. */
final class Session {

    final long maxMessageSize;
    final StatelessResetDetector resets;
    final Liveness liveness;
    final Delivery delivery;
    final FrameDispatcher frames;
    final PacketReceiver receiver;
    final PacketAssembler assembler;
    final ReceivedMessages messagesIn;
    final MessageWriter messagesOut;
    final DeliveredMessages delivered = new DeliveredMessages();
    final IncomingDatagrams datagramsIn;
    final OutgoingDatagrams datagramsOut;
    final long peerInstance;
    final AddressReport addressReport = new AddressReport();
    final OwnAddress ownAddress;
    final IncomingIntroductions introductionsIn;
    final OutgoingIntroductions introductionsOut = new OutgoingIntroductions();
    private final StreamFrames streams;
    private final AckTracker acks;
    private final FrameSettlement settlement;

    Session(
            EngineContext context,
            PeerIdentity identity,
            Paths paths,
            TransportKeys keys,
            long remoteConnectionId,
            HandshakePayload payload,
            StreamSet streams,
            Pings pings,
            ConnectionCounters counters,
            long nowNs) {
        TransportParameters peer = payload.transportParameters();
        this.resets = new StatelessResetDetector(remoteConnectionId, payload.statelessResetToken());
        this.maxMessageSize = peer.maxMessageSize();
        this.streams = streams.frames();
        this.peerInstance = peer.instance();
        this.ownAddress = new OwnAddress(payload.observedAddress());
        this.introductionsIn = new IncomingIntroductions(counters);
        DeliveryReports reports = new DeliveryReports();
        this.messagesIn = new ReceivedMessages(
                identity,
                new MessageReader(streams, StreamId.MESSAGES, context.settings().maxMessageSize()),
                context.links(),
                reports);
        this.messagesOut = new MessageWriter(streams, StreamId.MESSAGES);
        this.streams.setPeerLimits(new StreamLimits(
                peer.initialMaxData(),
                peer.initialMaxStreamData(),
                peer.initialMaxStreamsBidi(),
                peer.initialMaxStreamsUni()));
        this.liveness = new Liveness(
                context.settings().keepAlive().toNanos(), context.idleTimeoutNs(peer.idleTimeoutMs()), nowNs);
        this.delivery = new Delivery(
                Math.min(context.settings().datagramSize(), peer.maxUdpPayload()),
                TimeUnit.MILLISECONDS.toNanos(peer.maxAckDelayMs()),
                nowNs);
        this.datagramsIn = context.newIncomingDatagrams(counters);
        this.datagramsOut = new OutgoingDatagrams(
                context.settings(), delivery.datagramSize(), peer.maxDatagramFrameSize(), counters);
        this.acks = new AckTracker(context.settings().maxAckDelay().toNanos());
        this.settlement =
                new FrameSettlement(this.streams, pings, reports, addressReport, introductionsOut, acks, counters);
        this.frames = new FrameDispatcher(
                context,
                paths,
                delivery,
                this.streams,
                delivered,
                datagramsIn,
                ownAddress,
                introductionsIn,
                settlement);
        this.receiver = new PacketReceiver(context, keys.receiveKey(), acks, frames, counters);
        this.assembler = new PacketAssembler(
                context,
                keys.sendKey(),
                remoteConnectionId,
                acks,
                pings,
                reports,
                addressReport,
                introductionsOut,
                datagramsOut,
                this.streams,
                delivery,
                counters);
    }

    /** When something of the session is due: a loss, a probe, the pacer, an acknowledgement, or a sign of life. */
    long timeoutNs() {
        long transportNs = Math.min(Math.min(delivery.timeoutNs(), acks.ackDeadlineNs()), liveness.timeoutNs());
        return Math.min(transportNs, introductionsOut.timeoutNs());
    }

    /** Lets loss detection and probes pass; returns whether a probe timeout has fired. */
    boolean onTimeout(long nowNs) {
        introductionsOut.onTimeout(nowNs);
        if (!delivery.onTimeout(settlement.at(nowNs), nowNs)) {
            return false;
        }
        resendOldest();
        return true;
    }

    /** An authentic packet has come; returns whether a probe is due for that. */
    boolean onHeard(long nowNs) {
        if (!delivery.onHeard(nowNs)) {
            return false;
        }
        settlement.at(nowNs);
        resendOldest();
        return true;
    }

    /** Packets go to another address from now on; returns whether a probe is due for what went to the one before. */
    boolean onMoved(long nowNs) {
        if (!delivery.onMoved()) {
            return false;
        }
        settlement.at(nowNs);
        resendOldest();
        return true;
    }

    private void resendOldest() {
        if (!streams.hasFramesToSend()) {
            delivery.visitOldest(settlement::retransmit);
        }
    }

    /** The next complete message, or null; a message over the limit is a violation. */
    @Nullable
    ByteBuf pollMessage() {
        try {
            return messagesIn.next();
        } catch (StreamViolation e) {
            frames.violate(e);
            return null;
        }
    }

    /** Whether {@link #pollMessage} has one. */
    boolean hasMessage() {
        try {
            return messagesIn.hasNext();
        } catch (StreamViolation e) {
            frames.violate(e);
            return false;
        }
    }

    /** Finds out what a packet has changed for the application. */
    void collectEvents(EventQueue events, long nowNs) {
        if (delivered.hasChanged()) {
            events.add(ConnectionEvent.DELIVERED);
        }
        if (datagramsIn.takeArrived()) {
            events.add(ConnectionEvent.DATAGRAMS_ARRIVED);
        }
        if (ownAddress.takeChanged()) {
            liveness.onMappingLost(nowNs);
            events.add(ConnectionEvent.OWN_ADDRESS_CHANGED);
        }
        if (introductionsIn.takeArrived()) {
            events.add(ConnectionEvent.INTRODUCTIONS);
        }
        if (settlement.takeAnsweredPing()) {
            events.add(ConnectionEvent.PONG);
        }
    }
}
