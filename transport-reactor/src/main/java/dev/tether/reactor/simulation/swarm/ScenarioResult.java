package dev.tether.reactor.simulation.swarm;

import dev.tether.reactor.simulation.NetworkStatistics;
import java.time.Duration;
import java.util.List;

/**
 * How a history went.
 *
 * @param violations what broke, in the order of time; empty if all went as it must
 * @param traceHash equal for equal histories
 * @param simulated how much time has passed in it
 * @param connections how many connections were established, each counted at both of its ends
 * @param failures how many of these ended with an error; one without a cause in the faults is a violation, too
 * @param messages how many messages were received
 * @param bytes their bytes
 * @param streams what has become of streams
 * @param datagrams what has become of unreliable datagrams
 */
public record ScenarioResult(
        long seed,
        List<String> violations,
        String traceHash,
        Duration simulated,
        int connections,
        int failures,
        long messages,
        long bytes,
        StreamTotals streams,
        DatagramTotals datagrams,
        NetworkStatistics network) {

    /** Whether nothing broke. */
    public boolean isOk() {
        return violations.isEmpty();
    }
}
