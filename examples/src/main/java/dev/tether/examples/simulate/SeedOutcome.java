package dev.tether.examples.simulate;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tether.reactor.simulation.swarm.DatagramTotals;
import dev.tether.reactor.simulation.swarm.ScenarioResult;
import dev.tether.reactor.simulation.swarm.StreamTotals;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the history of one seed went; as JSON, its components are the fields.
 *
 * @param ok whether every invariant held
 * @param traceHash equal for equal histories
 * @param simulatedSeconds how much time has passed in it
 * @param connections how many were established, counted at both ends
 * @param failures how many of them ended with an error; one that the faults do not explain is a violation, too
 * @param messages how many were received
 * @param bytes their bytes
 * @param streams what has become of streams
 * @param unreliable what has become of the applications' unreliable datagrams
 * @param violations what broke, in the order of time
 * @param replay the command that runs it again, if something broke
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record SeedOutcome(
        long seed,
        boolean ok,
        String traceHash,
        double simulatedSeconds,
        long connections,
        long failures,
        long messages,
        long bytes,
        StreamTotals streams,
        DatagramTotals unreliable,
        Datagrams datagrams,
        List<String> violations,
        @Nullable String replay) {

    static SeedOutcome of(ScenarioResult result, String replay) {
        return new SeedOutcome(
                result.seed(),
                result.isOk(),
                result.traceHash(),
                result.simulated().toNanos() / 1e9,
                result.connections(),
                result.failures(),
                result.messages(),
                result.bytes(),
                result.streams(),
                result.datagrams(),
                Datagrams.of(result.network()),
                result.violations(),
                result.isOk() ? null : replay);
    }
}
