package dev.tether.core.connection;

import dev.tether.core.frame.FrameType;
import dev.tether.core.frame.FrameWriter;
import dev.tether.core.path.Paths;
import dev.tether.core.protection.PacketSealer;
import dev.tether.core.recovery.AckTracker;
import dev.tether.core.recovery.SentPacket;
import dev.tether.core.stream.StreamFrames;
import dev.tether.core.wire.DataHeader;
import dev.tether.core.wire.WireWriter;

/**
 * Puts data packets together: acknowledgements first, then control frames, datagrams and stream data as the congestion
 * window and the pacer allow, sealed and noted in the ledger of sent packets.
 *
 * <p>Datagrams come before what the streams have, as they are worth nothing later. So that a flood of them starves no
 * stream, at most every other packet begins with datagrams while a stream waits; each kind fills what the other leaves.
 */
final class PacketAssembler {

    private static final int ACK_DELAY_UNIT_NS = 8_000;

    /** How many bytes a packet may leave free and still set the size of its run. */
    private static final int NEARLY_FULL = 64;

    /** The length of a datagram with one PATH_CHALLENGE or PATH_RESPONSE and nothing else. */
    static final int PROBE_LENGTH = DataHeader.LENGTH + FrameWriter.pathDataSize() + DataHeader.TAG_LENGTH;

    /** The type, code, frame type and length of a reason in a CONNECTION_CLOSE, at the most. */
    private static final int CLOSE_WITHOUT_REASON = 1 + 3 * Long.BYTES;

    private final EngineContext context;
    private final PacketSealer sealer;
    private final long remoteConnectionId;
    private final AckTracker acks;
    private final Pings pings;
    private final DeliveryReports reports;
    private final AddressReport addressReport;
    private final OutgoingIntroductions introductions;
    private final OutgoingDatagrams datagrams;
    private final StreamFrames streams;
    private final Delivery delivery;
    private final ConnectionCounters counters;
    private final WireWriter header = new WireWriter();

    /** Whether the last packet with datagrams or of a stream began with datagrams. */
    private boolean datagramsLed;

    PacketAssembler(
            EngineContext context,
            byte[] key,
            long remoteConnectionId,
            AckTracker acks,
            Pings pings,
            DeliveryReports reports,
            AddressReport addressReport,
            OutgoingIntroductions introductions,
            OutgoingDatagrams datagrams,
            StreamFrames streams,
            Delivery delivery,
            ConnectionCounters counters) {
        this.context = context;
        this.sealer = new PacketSealer(key);
        this.remoteConnectionId = remoteConnectionId;
        this.acks = acks;
        this.pings = pings;
        this.reports = reports;
        this.addressReport = addressReport;
        this.introductions = introductions;
        this.datagrams = datagrams;
        this.streams = streams;
        this.delivery = delivery;
        this.counters = counters;
    }

    /**
     * Adds as many packets to {@code transmit} as there is something to send in, and as may be sent now.
     *
     * @return whether anything was added
     */
    boolean assemble(Transmit transmit, long nowNs) {
        int size = delivery.datagramSize();
        boolean added = false;
        while (transmit.hasRoomFor(size)) {
            boolean hasData = pings.isDue()
                    || reports.isDue()
                    || addressReport.isDue()
                    || introductions.isDue()
                    || datagrams.isDue()
                    || streams.hasFramesToSend();
            boolean probe = delivery.isProbeDue();
            boolean mayElicitAck = probe || (hasData && delivery.maySend(nowNs));
            if (!mayElicitAck && !acks.isAckDue(nowNs)) {
                delivery.onStopped(hasData);
                break;
            }
            int length = assembleOne(transmit, size, mayElicitAck, probe, nowNs);
            if (length == 0) {
                break;
            }
            added = true;
            // A run is cut apart at the length of its first packet; one that is far from full is the last.
            if (!transmit.add(length) || length < size - NEARLY_FULL) {
                break;
            }
            size = length;
        }
        return added;
    }

    /**
     * A packet that may acknowledge what has arrived, as far as there is room, and carries one CONNECTION_CLOSE; neither
     * acknowledged nor retransmitted by loss recovery. docs/PROTOCOL.md, section 14.
     */
    void assembleClose(
            Transmit transmit,
            boolean acknowledging,
            boolean application,
            long code,
            long frameType,
            byte[] reason,
            long nowNs) {
        SentPacket packet = delivery.beginPacket(nowNs);
        int size = delivery.datagramSize();
        WireWriter out = begin(size - Math.min(size / 2, CLOSE_WITHOUT_REASON + reason.length));
        if (acknowledging && acks.rangeCount() > 0) {
            writeAck(out, packet, nowNs);
        }
        int ackLength = out.written();
        out.wrap(context.plaintext, ackLength, plaintextSize(size) - ackLength);
        FrameWriter.writeConnectionClose(out, application, code, frameType, reason);
        int length = seal(transmit, packet.packetNumber(), ackLength + out.written());
        sent(packet, length, false, nowNs);
        transmit.add(length);
    }

    /** A packet that finds out about an address or answers for one; neither retransmitted nor counted as in flight. */
    void assembleProbe(Transmit transmit, Paths.Probe probe, long nowNs) {
        SentPacket packet = delivery.beginPacket(nowNs);
        WireWriter out = begin(probe.length());
        boolean challenge = probe.frame() == Paths.Frame.CHALLENGE;
        FrameWriter.writePathData(out, challenge ? FrameType.PATH_CHALLENGE : FrameType.PATH_RESPONSE, probe.data());
        out.writeZeros(out.remaining());
        int length = seal(transmit, packet.packetNumber(), out.written());
        sent(packet, length, false, nowNs);
        transmit.add(length);
    }

    private int assembleOne(Transmit transmit, int size, boolean mayElicitAck, boolean probe, long nowNs) {
        SentPacket packet = delivery.beginPacket(nowNs);
        WireWriter out = begin(size);
        boolean elicitAckOfAck = acks.shouldElicitAck() && delivery.hasRoom();
        if (acks.hasPendingAck() && (mayElicitAck || acks.isAckDue(nowNs))) {
            writeAck(out, packet, nowNs);
        }
        boolean ackEliciting = mayElicitAck && writeAckEliciting(out, packet, probe, nowNs);
        if (!ackEliciting && elicitAckOfAck && out.written() > 0 && out.remaining() > 0) {
            FrameWriter.writeEmpty(out, FrameType.PING);
            ackEliciting = true;
        }
        if (out.written() == 0) {
            return 0;
        }
        int length = seal(transmit, packet.packetNumber(), out.written());
        sent(packet, length, ackEliciting, nowNs);
        return length;
    }

    private void writeAck(WireWriter out, SentPacket packet, long nowNs) {
        int rangeCount = acks.rangeCount();
        for (int i = 0; i < rangeCount; i++) {
            context.ackRanges[2 * i] = acks.rangeSmallest(i);
            context.ackRanges[2 * i + 1] = acks.rangeLargest(i);
        }
        if (FrameWriter.writeAck(out, context.ackRanges, rangeCount, acks.ackDelayNs(nowNs) / ACK_DELAY_UNIT_NS)) {
            packet.addFrame(FrameType.ACK, context.ackRanges[1], 0, 0);
            acks.onAckSent(nowNs);
        }
    }

    private boolean writeAckEliciting(WireWriter out, SentPacket packet, boolean probe, long nowNs) {
        boolean wrote = false;
        wrote |= pings.write(out, packet);
        wrote |= reports.write(out, packet);
        wrote |= addressReport.write(out, packet);
        wrote |= introductions.write(out, packet, nowNs);
        return writeData(out, packet, probe && !wrote, nowNs) || wrote;
    }

    private boolean writeData(WireWriter out, SentPacket packet, boolean probe, long nowNs) {
        if (!datagrams.isDue()) {
            datagramsLed = false;
            return writeStreams(out, packet, probe, nowNs);
        }
        if (datagramsLed && streams.hasFramesToSend()) {
            datagramsLed = false;
            boolean wroteStreams = writeStreams(out, packet, probe, nowNs);
            return datagrams.write(out, packet) || wroteStreams;
        }
        datagramsLed = datagrams.write(out, packet);
        if (!datagramsLed) {
            // The first one needs more room than this packet has left: it has the whole of the next one.
            return false;
        }
        writeStreams(out, packet, probe, nowNs);
        return true;
    }

    private boolean writeStreams(WireWriter out, SentPacket packet, boolean probe, long nowNs) {
        boolean wrote = streams.writeFrames(out, packet, nowNs, delivery.smoothedRttNs());
        boolean drained = wrote && !streams.hasFramesToSend();
        // The last packet of what there is to send asks for its acknowledgement at once, as does a probe: nothing that
        // follows would prompt the peer.
        if ((drained || probe) && out.remaining() > 0) {
            FrameWriter.writeEmpty(out, FrameType.PING);
            wrote = true;
        }
        return wrote;
    }

    private WireWriter begin(int size) {
        return context.frameWriter.wrap(context.plaintext, 0, plaintextSize(size));
    }

    private static int plaintextSize(int datagramSize) {
        return datagramSize - DataHeader.LENGTH - DataHeader.TAG_LENGTH;
    }

    private int seal(Transmit transmit, long packetNumber, int plaintextLength) {
        int offset = transmit.length();
        header.wrap(transmit.buffer(), offset, DataHeader.LENGTH);
        DataHeader.write(header, remoteConnectionId, packetNumber);
        return sealer.seal(
                context.plaintext, 0, plaintextLength, transmit.buffer(), offset, DataHeader.LENGTH, packetNumber);
    }

    private void sent(SentPacket packet, int length, boolean ackEliciting, long nowNs) {
        delivery.onPacketSent(packet, length, ackEliciting, nowNs);
        counters.packetsSent++;
        counters.bytesSent += length;
    }
}
