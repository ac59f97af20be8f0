package dev.tether.core.connection;

import dev.tether.core.frame.FrameType;
import dev.tether.core.recovery.AckTracker;
import dev.tether.core.recovery.PacketOutcomes;
import dev.tether.core.recovery.SentPacket;
import dev.tether.core.stream.StreamFrames;

/** Settles what a packet carried once its fate is known: acknowledged frames are done, lost ones are sent again. */
final class FrameSettlement implements PacketOutcomes {

    private final StreamFrames streams;
    private final Pings pings;
    private final DeliveryReports reports;
    private final AddressReport addressReport;
    private final OutgoingIntroductions introductions;
    private final AckTracker acks;
    private final ConnectionCounters counters;
    private long nowNs;
    private boolean answeredPing;

    FrameSettlement(
            StreamFrames streams,
            Pings pings,
            DeliveryReports reports,
            AddressReport addressReport,
            OutgoingIntroductions introductions,
            AckTracker acks,
            ConnectionCounters counters) {
        this.streams = streams;
        this.pings = pings;
        this.reports = reports;
        this.addressReport = addressReport;
        this.introductions = introductions;
        this.acks = acks;
        this.counters = counters;
    }

    /** Sets the time of the outcomes that follow. */
    FrameSettlement at(long nowNs) {
        this.nowNs = nowNs;
        return this;
    }

    /** Whether a ping was answered since the last call. */
    boolean takeAnsweredPing() {
        boolean answered = answeredPing;
        answeredPing = false;
        return answered;
    }

    @Override
    public void onPacketAcked(SentPacket packet) {
        for (int i = 0; i < packet.contentCount(); i++) {
            int type = packet.contentKind(i);
            if (type == FrameType.ACK) {
                acks.onAckOfAck(packet.contentId(i));
            } else if (type == FrameType.PING) {
                answeredPing |= pings.onAcked(packet.contentId(i), nowNs);
            } else if (type == FrameType.INTRODUCE) {
                introductions.onAcked(packet.contentId(i));
            } else if (isOfStreams(type)) {
                streams.onFrameAcked(type, packet.contentId(i), packet.contentOffset(i), packet.contentLength(i));
            }
        }
    }

    @Override
    public void onPacketLost(SentPacket packet) {
        counters.packetsLost++;
        counters.datagramsLost += datagramsIn(packet);
        retransmit(packet);
    }

    /** Has what an outstanding packet carries sent again, though it is not known to be lost. */
    void retransmit(SentPacket packet) {
        for (int i = 0; i < packet.contentCount(); i++) {
            int type = packet.contentKind(i);
            if (type == FrameType.PING) {
                pings.onLost(packet.contentId(i));
            } else if (type == FrameType.MESSAGES_DELIVERED) {
                reports.onLost(packet.contentId(i), packet.contentOffset(i));
            } else if (type == FrameType.OBSERVED_ADDRESS) {
                addressReport.onLost(packet.contentId(i));
            } else if (type == FrameType.INTRODUCE) {
                introductions.onLost(packet.contentId(i));
            } else if (isOfStreams(type)) {
                streams.onFrameLost(type, packet.contentId(i), packet.contentOffset(i), packet.contentLength(i));
            }
        }
    }

    private static boolean isOfStreams(int type) {
        return switch (type) {
            case FrameType.ACK,
                    FrameType.PING,
                    FrameType.DATAGRAM,
                    FrameType.MESSAGES_DELIVERED,
                    FrameType.OBSERVED_ADDRESS,
                    FrameType.INTRODUCE -> false;
            default -> true;
        };
    }

    private static long datagramsIn(SentPacket packet) {
        long count = 0;
        for (int i = 0; i < packet.contentCount(); i++) {
            count += packet.contentKind(i) == FrameType.DATAGRAM ? packet.contentId(i) : 0;
        }
        return count;
    }

    @Override
    public void onSpuriousLoss(SentPacket packet) {
        onPacketAcked(packet);
    }
}
