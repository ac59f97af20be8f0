package dev.tether.reactor.simulation.swarm;

import dev.tether.core.TransportSettings;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.reactor.TransportNode;
import dev.tether.reactor.simulation.SimulatedHost;
import dev.tether.reactor.simulation.SimulatedNetwork;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets a scenario happen, and checks what must hold in it: every message is received once and in order, or its sender has an
 * error; bytes are equal; everything ends, with one cause that the faults explain, or lives at both ends; states follow
 * their table; senders keep to their congestion window, and do not amplify; memory stays within its limits and comes back;
 * and when nothing happens, almost nothing is sent.
 */
public final class ScenarioRun {

    private static final LinkSettings CALM_LINK = LinkSettings.PERFECT.latency(Duration.ofMillis(20));

    /** The end of the calm phase, in which nothing happens. */
    static final Duration IDLE = Duration.ofSeconds(30);

    /** A keep-alive every 2 s from both sides, and its acknowledgement. */
    private static final int IDLE_DATAGRAMS_PER_SECOND = 2;

    /** What closing takes: the nodes' limit, and the time for which a closed connection answers. */
    private static final Duration ENDING = Duration.ofSeconds(30);

    private final Scenario scenario;
    private final SimulatedNetwork network;
    private final Violations violations;
    private final PacketReferee packets;
    private final ConnectionReferee connections;
    private final Population population;

    private ScenarioRun(Scenario scenario) {
        this.scenario = scenario;
        this.network = SimulatedNetwork.create(scenario.seed());
        this.violations = new Violations(network);
        this.packets = new PacketReferee(violations);
        this.connections = new ConnectionReferee(violations, packets);
        this.population = new Population(scenario, network, violations);
    }

    /**
     * Runs a scenario, on the calling thread. It moves its own time, so no virtual time of Reactor Test may be installed.
     */
    public static ScenarioResult run(Scenario scenario) {
        return run(scenario, network -> {});
    }

    /**
     * Runs a scenario, on the calling thread.
     *
     * @param observer is given the network with all its hosts before anything happens, to listen
     */
    public static ScenarioResult run(Scenario scenario, Consumer<? super SimulatedNetwork> observer) {
        ScenarioRun run = new ScenarioRun(scenario);
        observer.accept(run.network);
        try {
            run.prepare();
            run.passFaultPhase();
            run.passCalmPhase();
            run.end();
        } catch (RuntimeException | AssertionError e) {
            StringWriter trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace));
            run.violations.add("the simulation", "fails with " + trace);
        }
        return run.result();
    }

    private void prepare() {
        network.onEvent(packets);
        network.changeDefaultLink(scenario.link());
        for (Scenario.OneWay link : scenario.links()) {
            SimulatedHost from = population.process(link.from()).host();
            network.link(from, population.process(link.to()).host()).changeThere(link.settings());
        }
        for (PeerProcess process : population.processes()) {
            connections.watch(process.host(), connectionBytes(process));
            process.start();
        }
        new FaultInjector(population, network)
                .schedule(scenario.faults().stream()
                        .filter(fault -> fault.at().compareTo(scenario.faultPhase()) < 0)
                        .toList());
    }

    /**
     * What the peer may send ahead, the chunks of up to 64 KiB in which it lies, of which the first and the last are used
     * in part, and one message that is complete and one that is put together, each with room to grow.
     */
    private long connectionBytes(PeerProcess process) {
        int largest = scenario.dials().stream()
                .mapToInt(dial -> Math.max(dial.there().maxSize(), dial.back().maxSize()))
                .max()
                .orElse(0);
        return 2L * process.plan().settings().maxConnectionWindow()
                + 4L * largest
                + 2 * (64 << 10)
                + streamChunks(process)
                + datagramBytes(process);
    }

    /** The first and the last chunk of each stream, which are used in part. */
    private long streamChunks(PeerProcess process) {
        return scenario.streams().stream()
                .filter(it -> it.from().equals(process.name()) || it.to().equals(process.name()))
                .mapToLong(it -> 2L * it.count() * Math.min(64 << 10, Math.max(4 << 10, 2 * it.maxSize())))
                .sum();
    }

    private static long datagramBytes(PeerProcess process) {
        TransportSettings settings = process.plan().settings();
        return Math.max(1 << 16, (long) settings.datagramQueue() * settings.datagramSize());
    }

    private void passFaultPhase() {
        network.advance(scenario.faultPhase());
    }

    private void passCalmPhase() {
        network.heal();
        network.changeAllLinks(CALM_LINK);
        population.readEagerly();
        for (PeerProcess process : population.processes()) {
            process.host().resume();
            process.host().unstall();
            process.restart();
        }
        network.advance(scenario.calmPhase().minus(IDLE));
        checkConverged();
        long before = packets.sent();
        network.advance(IDLE);
        long sent = packets.sent() - before;
        long live = population.sessions().stream().filter(Session::isLive).count();
        if (sent > live * IDLE.toSeconds() * IDLE_DATAGRAMS_PER_SECOND) {
            violations.add("the network", sent + " datagrams in " + IDLE + " of rest, with " + live + " connections");
        }
    }

    private void checkConverged() {
        for (Scenario.Dial dial : scenario.dials()) {
            PeerProcess from = population.process(dial.from());
            PeerProcess to = population.process(dial.to());
            checkConnected(from, to);
            checkConnected(to, from);
        }
        for (PeerProcess gateway : population.gateways()) {
            for (PeerProcess peer : population.processes()) {
                if (peer != gateway) {
                    checkConnected(peer, gateway);
                    checkConnected(gateway, peer);
                }
            }
        }
        for (Scenario.Datagrams it : scenario.datagrams()) {
            checkCounters(population.process(it.from()), population.process(it.to()));
        }
        for (Keeper keeper : population.keepers()) {
            if (!keeper.isOver()) {
                checkKept(keeper);
            }
        }
        for (PeerProcess process : population.processes()) {
            checkNode(process);
            checkRest(process);
        }
    }

    private void checkConnected(PeerProcess owner, PeerProcess remote) {
        List<Session> live = population.live(owner, remote);
        if (live.size() != 1 || !live.get(0).isEstablished()) {
            violations.add(owner.name(), "has these connections with " + remote.name() + " in the end: " + live);
        } else if (!live.get(0).isSettled()) {
            live.get(0)
                    .violation("has not delivered what it sends: " + live.get(0).unsettled());
        }
    }

    private void checkCounters(PeerProcess sender, PeerProcess receiver) {
        for (Session from : population.live(sender, receiver)) {
            for (Session to : population.live(receiver, sender)) {
                from.datagrams().checkCounters(to.datagrams());
            }
        }
    }

    private void checkKept(Keeper keeper) {
        if (!keeper.isConnected() || !keeper.isSettled()) {
            keeper.violation((keeper.isConnected() ? "is" : "is not")
                    + " connected in the end, and "
                    + (keeper.isSettled() ? "has sent all" : "has not sent all"));
        }
        if (population.live(keeper.owner(), keeper.remote()).size() != 1) {
            keeper.violation("has these connections in the end: " + population.live(keeper.owner(), keeper.remote()));
        }
    }

    private void checkRest(PeerProcess process) {
        List<Streamer> live = population.sessionsOf(process).stream()
                .filter(Session::isLive)
                .map(Session::streamer)
                .toList();
        connections.checkRest(
                process.host(),
                live.stream().mapToLong(Streamer::openStreams).sum(),
                live.stream().mapToLong(Streamer::unreadBytes).sum());
    }

    private void checkNode(PeerProcess process) {
        TransportNode node = process.node();
        if (node == null) {
            violations.add(process.name(), "does not run in the end");
            return;
        }
        long live =
                population.sessionsOf(process).stream().filter(Session::isLive).count();
        node.statistics().subscribe(reading -> {
            if (reading.connections() != live || reading.halfOpen() != 0) {
                violations.add(process.name(), live + " connections live in the end, but the node has " + reading);
            }
        });
    }

    private void end() {
        population.processes().forEach(PeerProcess::stop);
        network.advance(ENDING);
        for (Session session : population.sessions()) {
            session.checkEnd();
            session.checkDelivered(receiverOf(session));
        }
        population.keepers().forEach(Keeper::checkEnd);
        for (PeerProcess.Attempt attempt : population.attempts()) {
            if (!attempt.hasEnded()) {
                violations.add("the history", attempt + " never ends");
            }
        }
        for (SimulatedHost host : network.hosts()) {
            if (host.messageBytes() != 0) {
                violations.add(host.name(), host.messageBytes() + " bytes of messages are not released");
            }
        }
        if (network.datagramBytes() != 0) {
            violations.add("the network", network.datagramBytes() + " bytes of datagrams are not released");
        }
    }

    private @Nullable Session receiverOf(Session sender) {
        return population.sessions().stream()
                .filter(session -> session.source() == sender)
                .findFirst()
                .orElse(null);
    }

    private ScenarioResult result() {
        List<Session> sessions = population.sessions();
        return new ScenarioResult(
                scenario.seed(),
                violations.kept(),
                network.traceHash(),
                network.elapsed(),
                sessions.size(),
                (int) sessions.stream()
                        .filter(session -> session.failure() != null)
                        .count(),
                sessions.stream().mapToLong(Session::received).sum(),
                sessions.stream().mapToLong(Session::receivedBytes).sum(),
                sessions.stream()
                        .map(session -> session.streamer().totals())
                        .reduce(StreamTotals.NONE, StreamTotals::plus),
                sessions.stream()
                        .map(session -> session.datagrams().totals())
                        .reduce(DatagramTotals.NONE, DatagramTotals::plus),
                network.statistics());
    }
}
