package dev.tether.reactor.simulation.swarm;

import dev.tether.core.simulation.SeededRandom;
import dev.tether.reactor.simulation.SimulatedHost;
import dev.tether.reactor.simulation.SimulatedNetwork;
import dev.tether.reactor.simulation.SimulationEvent;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Does to a network what a scenario says. */
final class FaultInjector {

    /** How many datagrams to each peer an eavesdropper keeps, of the first ones and of the last ones. */
    private static final int KEPT_DATAGRAMS = 64;

    private final Population population;
    private final SimulatedNetwork network;
    private final SeededRandom random;
    private final Map<String, List<SimulationEvent.Arrived>> overheard = new HashMap<>();

    FaultInjector(Population population, SimulatedNetwork network) {
        this.population = population;
        this.network = network;
        this.random = new SeededRandom(population.seed()).split("faults");
    }

    void schedule(List<Fault> faults) {
        for (Fault fault : faults) {
            if (fault instanceof Fault.Replay it) {
                overheard.put(it.peer(), new ArrayList<>());
            }
            population.later(() -> begin(fault), fault.at());
        }
        if (!overheard.isEmpty()) {
            network.onEvent(event -> {
                if (event instanceof SimulationEvent.Arrived it) {
                    overhear(it);
                }
            });
        }
    }

    private void overhear(SimulationEvent.Arrived it) {
        List<SimulationEvent.Arrived> kept = overheard.get(it.host());
        if (kept != null) {
            if (kept.size() == KEPT_DATAGRAMS) {
                kept.remove(KEPT_DATAGRAMS / 2);
            }
            kept.add(it);
        }
    }

    private void begin(Fault fault) {
        if (fault instanceof Fault.Partition it) {
            partition(it);
        } else if (fault instanceof Fault.ChangeLink it) {
            SimulatedHost from = population.process(it.from()).host();
            network.link(from, population.process(it.to()).host()).changeThere(it.settings());
        } else if (fault instanceof Fault.Crash it) {
            PeerProcess process = population.process(it.peer());
            process.crash(it.newKey());
            population.later(process::restart, it.downtime());
        } else if (fault instanceof Fault.Suspend it) {
            SimulatedHost host = population.process(it.peer()).host();
            host.suspend();
            population.later(host::resume, it.length());
        } else if (fault instanceof Fault.Stall it) {
            SimulatedHost host = population.process(it.peer()).host();
            host.stall();
            population.later(host::unstall, it.length());
        } else if (fault instanceof Fault.ClockStep it) {
            population.process(it.peer()).host().stepClock(it.by());
        } else if (fault instanceof Fault.Rebind it) {
            population.nat(it.nat()).rebind();
        } else if (fault instanceof Fault.Close it) {
            population.process(it.peer()).close(population.process(it.other()), it.code());
        } else if (fault instanceof Fault.Shutdown it) {
            PeerProcess process = population.process(it.peer());
            process.shutDown(Duration.ofSeconds(1));
            population.later(process::restart, it.downtime());
        } else if (fault instanceof Fault.Replay it) {
            replay(it);
        } else if (fault instanceof Fault.Garbage it) {
            garbage(it);
        } else if (fault instanceof Fault.OptimisticAck it) {
            new OptimisticAcker(population, network, population.process(it.peer())).start();
        }
    }

    private void partition(Fault.Partition it) {
        List<SimulatedHost> some = population.hosts(it.some());
        List<SimulatedHost> others = population.hosts(it.others());
        if (it.oneWay()) {
            network.cutOneWay(some, others);
        } else {
            network.partition(some, others);
        }
        population.later(network::heal, it.length());
    }

    private void replay(Fault.Replay it) {
        List<SimulationEvent.Arrived> kept = overheard.getOrDefault(it.peer(), List.of());
        for (int i = 0; i < it.datagrams() && !kept.isEmpty(); i++) {
            SimulationEvent.Arrived again = random.pick(kept);
            population.later(
                    () -> population
                            .process(it.peer())
                            .host()
                            .inject(again.from(), again.to().getPort(), again.datagram()),
                    Duration.ofMillis(random.nextInt(0, 5000)));
        }
    }

    private void garbage(Fault.Garbage it) {
        SimulatedHost victim = population.process(it.peer()).host();
        for (int i = 0; i < it.datagrams(); i++) {
            byte[] bytes = new byte[random.nextInt(0, 1400)];
            random.nextBytes(bytes);
            if (bytes.length > 0 && random.chance(0.7)) {
                bytes[0] = (byte) random.nextInt(0, 6);
            }
            InetSocketAddress from = new InetSocketAddress(
                    random.pick(network.hosts()).address(),
                    random.chance(0.5) ? PeerProcess.PORT : random.nextInt(1, 65_535));
            victim.inject(from, PeerProcess.PORT, bytes);
        }
    }
}
