package dev.tether.reactor.simulation.swarm;

import dev.tether.core.PeerAddress;
import dev.tether.core.error.ChannelClosedException;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.frame.TransportErrorCode;
import dev.tether.core.noise.KeyPair;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import dev.tether.reactor.simulation.SimulatedHost;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/** A peer of a scenario: its node, bound again after each crash, and the application on it, which keeps its connections. */
final class PeerProcess {

    static final int PORT = 4433;

    private final Population population;
    private final Scenario.Peer plan;
    private final SimulatedHost host;
    private final List<Scenario.Dial> dials;
    private final List<Scenario.Keep> keeps;
    private final @Nullable Doorkeeper doorkeeper;
    private final SeededRandom random;
    private final List<Long> crashesNs = new ArrayList<>();
    private KeyPair key;

    /** How often it has been started. */
    private int incarnation;

    private boolean starting;
    private boolean closing;
    private boolean startWhenClosed;
    private boolean stopped;
    private @Nullable TransportNode node;

    PeerProcess(
            Population population,
            Scenario.Peer plan,
            SimulatedHost host,
            List<Scenario.Dial> dials,
            List<Scenario.Keep> keeps,
            @Nullable Doorkeeper doorkeeper) {
        this.population = population;
        this.plan = plan;
        this.host = host;
        this.dials = dials;
        this.keeps = keeps;
        this.doorkeeper = doorkeeper;
        this.random = new SeededRandom(population.seed()).split("process " + plan.name());
        this.key = KeyPair.generate(random);
    }

    String name() {
        return plan.name();
    }

    Scenario.Peer plan() {
        return plan;
    }

    SimulatedHost host() {
        return host;
    }

    KeyPair key() {
        return key;
    }

    @Nullable
    TransportNode node() {
        return node;
    }

    boolean hasCrashedSince(long timeNs) {
        return crashesNs.stream().anyMatch(crashNs -> crashNs >= timeNs);
    }

    void start() {
        if (stopped || starting || node != null) {
            return;
        }
        if (closing) {
            startWhenClosed = true;
            return;
        }
        starting = true;
        incarnation++;
        population.introduce(key.identity(), this);
        host.setOffload(plan.offload());
        ReactiveTransport transport = ReactiveTransport.create();
        if (doorkeeper != null) {
            doorkeeper.startOver();
            transport = transport.admit(doorkeeper::decide);
        }
        transport
                .gateway(population.isGateway(name()))
                .gateways(
                        population.gateways().stream().map(population::address).toList())
                .runOn(host)
                .identity(key)
                .port(PORT)
                .settings(plan.settings())
                .doOnConnection(this::onConnection)
                .bind()
                .subscribe(this::onBound, error -> population.violations().add(name(), "cannot bind: " + error));
    }

    void crash(boolean newKey) {
        crashesNs.add(population.nowNs());
        population.sessionsOf(this).forEach(Session::kill);
        node = null;
        starting = false;
        closing = false;
        startWhenClosed = false;
        host.crash();
        if (newKey) {
            key = KeyPair.generate(random);
        }
    }

    /** Starts the host and the process, if it has crashed. */
    void restart() {
        if (!host.isUp()) {
            host.restart();
        }
        start();
    }

    /** Ends in order; {@link #start} may follow. */
    void shutDown(Duration limit) {
        TransportNode running = node;
        node = null;
        if (running != null) {
            crashesNs.add(population.nowNs());
            closing = true;
            int current = incarnation;
            running.close(limit)
                    .subscribe(
                            nothing -> {},
                            error -> population.violations().add(name(), "the node's close() has ended with " + error),
                            () -> onClosed(current));
        }
    }

    private void onClosed(int closedIncarnation) {
        if (closing && closedIncarnation == incarnation) {
            closing = false;
            if (startWhenClosed) {
                startWhenClosed = false;
                start();
            }
        }
    }

    /** Ends for good. */
    void stop() {
        stopped = true;
        shutDown(Duration.ofSeconds(5));
    }

    void close(PeerProcess other, long code) {
        for (Session session : population.sessionsOf(this)) {
            if (session.remote() == other && session.isLive()) {
                session.connection().close(code, "as the scenario says").subscribe();
            }
        }
    }

    private void onBound(TransportNode bound) {
        node = bound;
        starting = false;
        int current = incarnation;
        for (Scenario.Dial dial : dials) {
            Duration wait = dial.start().minus(population.elapsed());
            population.later(() -> dial(dial, current), wait.isNegative() ? Duration.ZERO : wait);
        }
        for (Scenario.Keep keep : keeps) {
            Duration wait = keep.start().minus(population.elapsed());
            population.later(
                    () -> {
                        if (current == incarnation) {
                            keep(keep);
                        }
                    },
                    wait.isNegative() ? Duration.ZERO : wait);
        }
    }

    /** Begins to keep a link, if it runs. */
    void keep(Scenario.Keep keep) {
        TransportNode running = node;
        if (running != null && !stopped) {
            population.keep(this, keep, running);
        }
    }

    /** Whether it may have turned another one away since {@code sinceNs}. */
    boolean mayHaveRefused(PeerProcess other, long sinceNs) {
        return doorkeeper != null && doorkeeper.hasRefused(other, sinceNs);
    }

    int incarnation() {
        return incarnation;
    }

    private void onConnection(PeerConnection connection) {
        if (doorkeeper != null) {
            doorkeeper.onConnection(population.process(connection.remoteIdentity()));
        }
        population.open(this, connection);
    }

    // Dialing

    private void dial(Scenario.Dial dial, int dialingIncarnation) {
        TransportNode dialing = node;
        PeerProcess other = population.process(dial.to());
        if (dialing == null || dialingIncarnation != incarnation || stopped) {
            return;
        }
        long startNs = population.nowNs();
        boolean onlyNew = random.chance(0.1);
        Attempt attempt = new Attempt(dial, dialingIncarnation, startNs, onlyNew);
        PeerAddress address = population.address(this, other);
        Disposable running = (onlyNew ? dialing.connectNew(address) : dialing.connect(address))
                .subscribe(attempt::onConnected, attempt::onFailed);
        if (random.chance(0.05)) {
            population.later(() -> attempt.cancel(running), Duration.ofMillis(random.nextInt(0, 500)));
        }
        population.onAttempt(attempt);
    }

    private void redial(Scenario.Dial dial, int dialingIncarnation) {
        population.later(() -> dial(dial, dialingIncarnation), Duration.ofMillis(random.nextInt(200, 2000)));
    }

    /** One subscription of {@code connect}. */
    final class Attempt {

        private final Scenario.Dial dial;
        private final int dialingIncarnation;
        private final long startNs;
        private final boolean onlyNew;
        private boolean ended;

        Attempt(Scenario.Dial dial, int dialingIncarnation, long startNs, boolean onlyNew) {
            this.dial = dial;
            this.dialingIncarnation = dialingIncarnation;
            this.startNs = startNs;
            this.onlyNew = onlyNew;
        }

        boolean hasEnded() {
            return ended;
        }

        /** Dials again when the connection has ended. */
        private void onConnected(PeerConnection connection) {
            ended = true;
            connection
                    .onClose()
                    .subscribe(
                            nothing -> {},
                            error -> redial(dial, dialingIncarnation),
                            () -> redial(dial, dialingIncarnation));
        }

        private void onFailed(Throwable failure) {
            ended = true;
            boolean nodeGone = failure instanceof ChannelClosedException && hasCrashedSince(startNs);
            PeerProcess other = population.process(dial.to());
            boolean refused = failure instanceof ConnectionEstablishmentException it
                    && other.doorkeeper != null
                    && other.doorkeeper.explains(it, PeerProcess.this, startNs);
            boolean unanswered = (isUnanswered(failure) || isNotIntroduced(failure))
                    && population.history().isDisturbed(PeerProcess.this, other, startNs);
            boolean exists = onlyNew
                    && failure instanceof ConnectionEstablishmentException it
                    && it.reason() == ConnectionEstablishmentException.Reason.ALREADY_EXISTS
                    && !population.live(PeerProcess.this, other).isEmpty();
            boolean notIntroduced = isNotIntroduced(failure)
                    && population.isIntroduced(PeerProcess.this, other)
                    && population.history().mayNotBeIntroduced(PeerProcess.this, other, startNs);
            if (!nodeGone && !refused && !unanswered && !exists && !notIntroduced) {
                population.violations().add(name(), "connect(" + dial.to() + ") fails without a cause: " + failure);
            }
            redial(dial, dialingIncarnation);
        }

        private static boolean isUnanswered(Throwable failure) {
            return failure instanceof ConnectionEstablishmentException it
                    && switch (it.reason()) {
                        case TIMED_OUT, OVERLOADED -> true;
                        case REFUSED -> !it.isByApplication() && it.code() == TransportErrorCode.NODE_CLOSING;
                        default -> false;
                    };
        }

        private static boolean isNotIntroduced(Throwable failure) {
            return failure instanceof ConnectionEstablishmentException it
                    && switch (it.reason()) {
                        case TIMED_OUT, NO_GATEWAY, UNKNOWN_PEER, NO_DIRECT_PATH -> true;
                        default -> false;
                    };
        }

        private void cancel(Disposable running) {
            if (!ended) {
                ended = true;
                running.dispose();
                redial(dial, dialingIncarnation);
            }
        }

        @Override
        public String toString() {
            return "connect(" + dial.to() + ") of " + name();
        }
    }
}
