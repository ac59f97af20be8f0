package dev.tether.reactor.simulation;

import dev.tether.core.PeerAddress;
import dev.tether.core.simulation.Link;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.core.simulation.Nat;
import dev.tether.core.simulation.NatSettings;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.reactor.socket.NodeEnvironment;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * A network in virtual time, decided by a seed: the same seed and the same calls give the same history, to the byte on the
 * wire, on every JVM.
 *
 * <pre>{@code
 * SimulatedNetwork network = SimulatedNetwork.create(42);
 * SimulatedHost a = network.host("a");
 * SimulatedHost b = network.host("b");
 * network.link(a, b).change(LinkSettings.PERFECT.latency(Duration.ofMillis(40)).loss(0.05));
 * TransportNode node = ReactiveTransport.create().runOn(a).bindNow();
 * }</pre>
 *
 * <p>A datagram goes from its host through that host's uplink, if it has one, through NATs on the way out, over the link
 * between the two hosts, through NATs on the way in, and through the receiver's downlink.
 *
 * <p>Threading: all of it runs on the thread that moves the time, and belongs to one thread at a time. Applications may
 * call nodes from any thread, but a history that depends on several threads is not decided by the seed.
 */
public final class SimulatedNetwork {

    /** What every wall clock shows at the beginning, unless it is stepped. */
    public static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

    /** What is between two hosts unless something else is set: 10 ms each way, and no fault. */
    public static final LinkSettings DEFAULT_LINK = LinkSettings.PERFECT.latency(Duration.ofMillis(10));

    private final long seed;
    private final SeededRandom random;
    private final VirtualClock clock;
    private final Scheduler scheduler;
    private final SimulatedLoop.CurrentLoop currentLoop = new SimulatedLoop.CurrentLoop();
    private final Trace trace;
    private final Router router;
    private final UnpooledByteBufAllocator datagrams = new UnpooledByteBufAllocator(false);
    private final Realm internet = Realm.internet();
    private final Map<String, Realm.Attachment> named = new LinkedHashMap<>();
    private final List<DirectedLink> links = new ArrayList<>();
    private LinkSettings defaultLink = DEFAULT_LINK;

    private SimulatedNetwork(long seed, @Nullable Scheduler driver) {
        this.seed = seed;
        this.random = new SeededRandom(seed);
        this.clock = new VirtualClock(driver);
        this.trace = new Trace(clock::failed);
        this.router = new Router(this, clock, trace);
        this.scheduler = newLoop(0);
    }

    /**
     * A network whose time moves by {@link #advance} and {@link #await}; within
     * {@code StepVerifier.withVirtualTime}, one that follows the virtual time there.
     */
    public static SimulatedNetwork create(long seed) {
        return new SimulatedNetwork(seed, InstalledVirtualTime.find());
    }

    /** A network that follows the time of a scheduler, such as a {@code VirtualTimeScheduler}. */
    public static SimulatedNetwork create(long seed, Scheduler time) {
        return new SimulatedNetwork(seed, time);
    }

    public long seed() {
        return seed;
    }

    // Hosts and links

    /**
     * The host of this name; a new one on the internet if there is none.
     *
     * @throws IllegalArgumentException if the name is a NAT's
     */
    public SimulatedHost host(String name) {
        Realm.Attachment known = named.get(name);
        if (known instanceof SimulatedNat) {
            throw new IllegalArgumentException("'" + name + "' is a NAT, not a host");
        }
        return known instanceof SimulatedHost host ? host : addHost(name, internet, internet.nextAddress());
    }

    /**
     * A new host on the internet.
     *
     * @param address an IPv4 or IPv6 address that nobody has
     * @throws IllegalArgumentException if the name or the address is taken
     */
    public SimulatedHost host(String name, InetAddress address) {
        return addHost(name, internet, address);
    }

    /**
     * A new NAT on the internet, with a public address.
     *
     * @throws IllegalArgumentException if the name is taken
     */
    public SimulatedNat nat(String name, NatSettings settings) {
        return addNat(name, settings, internet, 0);
    }

    /** Every host, in the order of creation. */
    public List<SimulatedHost> hosts() {
        return named.values().stream()
                .filter(SimulatedHost.class::isInstance)
                .map(SimulatedHost.class::cast)
                .toList();
    }

    /** What is between two hosts; the first call's order is what "there" and "back" mean on its result. */
    public SimulatedLink link(SimulatedHost there, SimulatedHost back) {
        return new SimulatedLink(this, directed(there, back), directed(back, there));
    }

    /** Changes all links that were not given settings of their own, those to come included. */
    public void changeDefaultLink(LinkSettings settings) {
        defaultLink = settings;
        links.forEach(link -> link.changeDefault(settings));
        changed("*", "links are now " + settings);
    }

    /** Changes all links, those to come included, whatever settings they were given before. */
    public void changeAllLinks(LinkSettings settings) {
        defaultLink = settings;
        links.forEach(link -> link.reset(settings));
        changed("*", "all links are now " + settings);
    }

    /** Cuts every link from a host of {@code from} to one of {@code to}, in this direction only. */
    public void cutOneWay(Collection<SimulatedHost> from, Collection<SimulatedHost> to) {
        for (SimulatedHost sender : from) {
            for (SimulatedHost receiver : to) {
                directed(sender, receiver).link().setUp(false);
            }
        }
        changed(names(from), "cannot reach " + names(to));
    }

    /** Cuts every link between a host of {@code some} and one of {@code others}. */
    public void partition(Collection<SimulatedHost> some, Collection<SimulatedHost> others) {
        cutOneWay(some, others);
        cutOneWay(others, some);
    }

    /** Undoes every cut and partition. */
    public void heal() {
        links.forEach(link -> link.link().setUp(true));
        changed("*", "all links are healed");
    }

    // Time

    /**
     * The time of this network, for the operators of an application: {@code Flux.interval(period, scheduler)}. What it runs
     * has its place among all that happens at that instant, also when the network follows another scheduler. It belongs to
     * no host: what a host does, it does not.
     */
    public Scheduler scheduler() {
        return scheduler;
    }

    /** How much time has passed since the network was created. */
    public Duration elapsed() {
        return Duration.ofNanos(clock.nowNs());
    }

    /**
     * Lets time pass, and everything happen that is due.
     *
     * @param by at least 0
     * @throws IllegalStateException if the network follows another scheduler, or from within the simulation
     * @throws RuntimeException what a task or an observer has thrown meanwhile, see {@link #failures}
     */
    public void advance(Duration by) {
        clock.advance(by.toNanos());
    }

    /**
     * Subscribes, and lets time pass until the result is there.
     *
     * @return the value, null for an empty completion
     * @throws RuntimeException what {@code mono} errors with, or a task or an observer has thrown meanwhile
     * @throws IllegalStateException if {@code limit} passes before, after which the subscription is cancelled; if the
     *     network follows another scheduler; or from within the simulation
     */
    public <T> @Nullable T await(Mono<T> mono, Duration limit) {
        clock.requireManual();
        Outcome<T> outcome = new Outcome<>();
        Disposable subscription = mono.subscribe(outcome::value, outcome::failure, outcome::complete);
        try {
            clock.advanceUntil(outcome::isThere, limit.toNanos());
        } finally {
            subscription.dispose();
        }
        return outcome.get(limit);
    }

    /**
     * What tasks of nodes and applications, and observers, have thrown, the first 100. As on a real event loop, what one
     * throws does not stop the others; it is thrown by the {@link #advance} or {@link #await} during which it happened, and
     * goes to the thread's uncaught-exception handler when the network follows another scheduler.
     */
    public List<Throwable> failures() {
        return clock.failures();
    }

    // Observation

    /** Tells {@code listener} all that happens from now on, at the moment when it does. It must only look on. */
    public void onEvent(Consumer<? super SimulationEvent> listener) {
        trace.listen(listener);
    }

    /** SHA-256 over all that has happened so far: equal for equal histories. */
    public String traceHash() {
        return trace.hash();
    }

    /** What has become of the datagrams so far. */
    public NetworkStatistics statistics() {
        return trace.statistics();
    }

    /** How many bytes of datagrams nodes hold at the moment; 0 when nothing runs, unless a buffer leaks. */
    public long datagramBytes() {
        return datagrams.metric().usedHeapMemory();
    }

    // For hosts and sockets

    long nowNs() {
        return clock.nowNs();
    }

    /** How many tasks wait: timers, and datagrams under way. */
    int pendingTasks() {
        return clock.pending();
    }

    Trace trace() {
        return trace;
    }

    /** Runs {@code task} within the simulation, at this instant: at once, or after what runs. */
    void run(Runnable task) {
        clock.schedule(task, 0);
    }

    /** Runs {@code task} within the simulation, at once, also within what runs. */
    void runNow(Runnable task) {
        if (clock.isRunning()) {
            task.run();
        } else {
            run(task);
        }
    }

    void failed(Throwable failure) {
        clock.failed(failure);
    }

    SimulatedLoop newLoop(long clockOffsetNs) {
        return new SimulatedLoop(clock, currentLoop, wallClockNs() + clockOffsetNs);
    }

    /** The true time of day, in nanoseconds since the Unix epoch. */
    long wallClockNs() {
        return EPOCH.getEpochSecond() * 1_000_000_000L + clock.nowNs();
    }

    void changed(String name, String change) {
        trace.add(new SimulationEvent.Changed(nowNs(), name, change));
    }

    SimulatedHost addHost(String name, Realm realm, InetAddress address) {
        requireNew(name);
        SimulatedHost host = new SimulatedHost(this, name, realm, address, random.split("host " + name), datagrams);
        realm.attach(address, host);
        named.put(name, host);
        return host;
    }

    SimulatedNat addNat(String name, NatSettings settings, Realm realm, int depth) {
        requireNew(name);
        InetAddress outside = realm.nextAddress();
        SimulatedNat nat =
                new SimulatedNat(this, name, new Nat(settings, outside, random.split("nat " + name)), realm, depth);
        realm.attach(outside, nat);
        named.put(name, nat);
        return nat;
    }

    Mono<InetSocketAddress> resolve(PeerAddress peer) {
        return Mono.fromCallable(() -> new InetSocketAddress(resolve(peer.host()), peer.port()))
                .onErrorMap(UnknownHostException.class, e -> NodeEnvironment.unresolvable(peer, e));
    }

    private InetAddress resolve(String host) throws UnknownHostException {
        Realm.Attachment known = named.get(host);
        if (known instanceof SimulatedHost it) {
            return it.address();
        }
        if (known instanceof SimulatedNat it) {
            return it.outsideAddress();
        }
        if (NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host)) {
            return InetAddress.getByName(host);
        }
        throw new UnknownHostException("there is no host '" + host + "' in the simulated network");
    }

    Router router() {
        return router;
    }

    DirectedLink directed(SimulatedHost from, Realm.Attachment to) {
        DirectedLink known = from.linkTo(to);
        if (known != null) {
            return known;
        }
        String name = from.name() + " > " + to.name();
        DirectedLink link = new DirectedLink(name, new Link(defaultLink, random.split("link " + name)));
        from.addLink(to, link);
        links.add(link);
        return link;
    }

    private void requireNew(String name) {
        if (named.containsKey(name)) {
            throw new IllegalArgumentException("there is a '" + name + "' in this network already");
        }
    }

    private static String names(Collection<SimulatedHost> hosts) {
        return String.join(", ", hosts.stream().map(SimulatedHost::name).toList());
    }
}
