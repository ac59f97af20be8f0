package dev.tether.examples.simulate.scenario;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.tether.reactor.simulation.swarm.Fault;

/** A fault in a line. */
public final class FaultText {

    private FaultText() {}

    /** As a file has it: {@code crash: {at: 3s, downtime: 2s, peer: a}}. */
    public static String of(Fault fault) {
        try {
            return ScenarioFile.MAPPER
                    .writeValueAsString(FaultWriter.fields(fault))
                    .strip()
                    .replaceAll("\\n\\s*", " ");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts can be written", e);
        }
    }
}
