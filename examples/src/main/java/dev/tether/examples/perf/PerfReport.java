package dev.tether.examples.perf;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tether.examples.RoundTrips;
import dev.tether.reactor.ConnectionStatistics;
import dev.tether.reactor.NodeStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of a measurement; as JSON, its components are the fields.
 *
 * @param peer whom it was measured with
 * @param messageBytes the size of a message in the throughput measurements
 * @param datagramBytes the size of a full datagram
 * @param segmentationOffload whether this side hands runs of datagrams to the kernel in one call
 * @param receiveOffload whether this side takes runs of datagrams from the kernel in one call
 * @param packetsSent packets that this side has sent, in all measurements
 * @param packetsLost how many of them were declared lost
 * @param latency round trips of a message of 100 bytes on the idle connection
 * @param bareUdp round trips of a plain datagram between two threads of this host, if both sides run on it
 * @param up from this side to the peer, if it was measured
 * @param down from the peer to this side, if it was measured
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PerfReport(
        String peer,
        int messageBytes,
        int datagramBytes,
        boolean segmentationOffload,
        boolean receiveOffload,
        long packetsSent,
        long packetsLost,
        Latency latency,
        @Nullable Latency bareUdp,
        @Nullable Throughput up,
        @Nullable Throughput down) {

    /** A distribution of round trips, in microseconds. */
    public record Latency(
            long count, double minUs, double meanUs, double p50Us, double p90Us, double p99Us, double maxUs) {

        static Latency of(RoundTrips roundTrips) {
            return new Latency(
                    roundTrips.count(),
                    roundTrips.minUs(),
                    roundTrips.meanUs(),
                    roundTrips.percentileUs(50),
                    roundTrips.percentileUs(90),
                    roundTrips.percentileUs(99),
                    roundTrips.maxUs());
        }
    }

    /** Puts a report together. */
    public static PerfReport of(
            String peer,
            int messageBytes,
            NodeStatistics node,
            ConnectionStatistics connection,
            RoundTrips latency,
            @Nullable RoundTrips bareUdp,
            @Nullable Throughput up,
            @Nullable Throughput down) {
        return new PerfReport(
                peer,
                messageBytes,
                connection.datagramSize(),
                node.segmentationOffload(),
                node.receiveOffload(),
                connection.packetsSent(),
                connection.packetsLost(),
                Latency.of(latency),
                bareUdp == null ? null : Latency.of(bareUdp),
                up,
                down);
    }

    /** The report for a human. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "peer      %s, datagrams of %,d bytes, segmentation offload %s, receive offload %s",
                peer,
                datagramBytes,
                segmentationOffload ? "on" : "off",
                receiveOffload ? "on" : "off"));
        lines.add(String.format(
                Locale.ROOT,
                "latency   p50 %.1f µs, p90 %.1f µs, p99 %.1f µs, max %.1f µs (%,d round trips of %d bytes)",
                latency.p50Us(),
                latency.p90Us(),
                latency.p99Us(),
                latency.maxUs(),
                latency.count(),
                PerfClient.ECHO_SIZE));
        if (bareUdp != null) {
            lines.add(String.format(
                    Locale.ROOT,
                    "bare UDP  p50 %.1f µs between two threads; the connection takes %.2f times as long",
                    bareUdp.p50Us(),
                    latency.p50Us() / bareUdp.p50Us()));
        }
        if (up != null) {
            lines.add("up        " + describe(up));
        }
        if (down != null) {
            lines.add("down      " + describe(down));
        }
        lines.add(String.format(Locale.ROOT, "packets   %,d sent, %,d of them lost", packetsSent, packetsLost));
        return lines;
    }

    private String describe(Throughput throughput) {
        return String.format(
                Locale.ROOT,
                "%.1f MB/s, %,.0f messages/s of %,d bytes (%.2f s)",
                throughput.megabytesPerSecond(),
                throughput.messagesPerSecond(),
                messageBytes,
                throughput.seconds());
    }
}
