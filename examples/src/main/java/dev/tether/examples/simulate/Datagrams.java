package dev.tether.examples.simulate;

import dev.tether.core.simulation.DropCause;
import dev.tether.reactor.simulation.NetworkStatistics;
import java.util.EnumMap;
import java.util.Map;

/**
 * What has become of the datagrams; as JSON, its components are the fields.
 *
 * @param altered how many of the arrived ones were corrupted, truncated, reordered or a duplicate
 * @param dropped how many never arrived, by cause; causes that dropped none are missing
 */
record Datagrams(long sent, long sentBytes, long arrived, long altered, Map<DropCause, Long> dropped) {

    static final Datagrams NONE = new Datagrams(0, 0, 0, 0, Map.of());

    static Datagrams of(NetworkStatistics statistics) {
        return new Datagrams(
                statistics.sent(),
                statistics.sentBytes(),
                statistics.arrived(),
                statistics.altered(),
                statistics.dropped());
    }

    Datagrams plus(Datagrams other) {
        Map<DropCause, Long> sum = new EnumMap<>(DropCause.class);
        sum.putAll(dropped);
        other.dropped.forEach((cause, count) -> sum.merge(cause, count, Long::sum));
        return new Datagrams(
                sent + other.sent, sentBytes + other.sentBytes, arrived + other.arrived, altered + other.altered, sum);
    }
}
