package dev.tether.reactor.simulation;

import dev.tether.core.PeerAddress;
import dev.tether.core.connection.Connection;
import dev.tether.core.simulation.Link;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.reactor.socket.NodeEnvironment;
import dev.tether.reactor.socket.UdpSocketOptions;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A computer in a simulated network. Nodes are bound on it with {@code ReactiveTransport.create().runOn(host)}, each on
 * an event loop of its own. Names of hosts are resolved, so that a peer can be addressed as {@code tether://KEY@name:port}.
 *
 * <p>What is done to a host takes effect at once; what one of its own nodes does to it, in a callback, does so at the same
 * instant, after that callback.
 */
public final class SimulatedHost implements NodeEnvironment, Realm.Attachment {

    /** RFC 6335 §6: where a port comes from when none is asked for. */
    private static final int FIRST_EPHEMERAL_PORT = 49_152;

    private static final int MAX_PORT = 65_535;

    private final SimulatedNetwork network;
    private final String name;
    private final Realm realm;
    private final SeededRandom random;
    private final Map<Integer, SimulatedSocket> sockets = new LinkedHashMap<>();
    private final UnpooledByteBufAllocator datagrams;
    private UnpooledByteBufAllocator messages = new UnpooledByteBufAllocator(false, true);
    private final List<Consumer<? super Connection>> watchers = new ArrayList<>();
    private final Map<String, DirectedLink> links = new HashMap<>();
    private final List<SimulatedLoop> loops = new ArrayList<>();
    private InetAddress address;
    private boolean up = true;
    private boolean suspended;
    private boolean stalled;
    private boolean connected = true;
    private boolean offload = true;
    private long clockOffsetNs;
    private int nextPort = FIRST_EPHEMERAL_PORT;
    private int opened;
    private @Nullable Link uplink;
    private @Nullable Link downlink;

    SimulatedHost(
            SimulatedNetwork network,
            String name,
            Realm realm,
            InetAddress address,
            SeededRandom random,
            UnpooledByteBufAllocator datagrams) {
        this.network = network;
        this.name = name;
        this.realm = realm;
        this.address = address;
        this.random = random;
        this.datagrams = datagrams;
    }

    @Override
    public String name() {
        return name;
    }

    /** Its address, a private one behind a NAT. */
    public InetAddress address() {
        return address;
    }

    /** Whether nodes can be bound on it. */
    public boolean isUp() {
        return up;
    }

    // What can happen to it

    /**
     * Loses power: every socket dies, without a word to its peers, and with it every connection of its nodes errors. Its
     * event loops run nothing after that.
     */
    public void crash() {
        perform(() -> {
            if (!up) {
                return;
            }
            up = false;
            suspended = false;
            network.changed(name, "crashes");
            for (SimulatedSocket socket : List.copyOf(sockets.values())) {
                socket.fail(new IOException("the host " + name + " has crashed"));
            }
            loops.forEach(SimulatedLoop::kill);
            loops.clear();
            // Its memory is gone with it.
            messages = new UnpooledByteBufAllocator(false, true);
        });
    }

    /** Starts again after a crash, with nothing bound. */
    public void restart() {
        perform(() -> {
            if (!up) {
                up = true;
                network.changed(name, "starts");
            }
        });
    }

    /**
     * Sleeps: its clocks stand still, its timers and tasks wait, and datagrams for it are lost. Its wall clock, which
     * {@link #stepClock} moves, goes on.
     */
    public void suspend() {
        perform(() -> {
            if (up && !suspended) {
                suspended = true;
                loops.forEach(SimulatedLoop::suspend);
                network.changed(name, "is suspended");
            }
        });
    }

    /** Wakes up. */
    public void resume() {
        perform(() -> {
            if (suspended) {
                suspended = false;
                network.changed(name, "resumes");
                loops.forEach(SimulatedLoop::resume);
            }
        });
    }

    /**
     * Its network interface takes nothing any more: what its sockets send waits in them, up to their limits, so that
     * connections see a socket that is not writable. What arrives is received. Holds for sockets bound later, too.
     */
    public void stall() {
        perform(() -> setStalled(true));
    }

    /** Undoes {@link #stall}: what has waited is sent. */
    public void unstall() {
        perform(() -> setStalled(false));
    }

    /** At once, but for what one of its own nodes asks for: that has to return before it is gone. */
    private void perform(Runnable change) {
        if (loops.stream().anyMatch(SimulatedLoop::inLoop)) {
            network.run(change);
        } else {
            network.runNow(change);
        }
    }

    private void setStalled(boolean stalled) {
        if (this.stalled != stalled) {
            this.stalled = stalled;
            network.changed(name, stalled ? "sends nothing more" : "sends again");
            List.copyOf(sockets.values()).forEach(socket -> socket.setStalled(stalled));
        }
    }

    /** Loses its network, or gets it back; it is not told. */
    public void setConnected(boolean connected) {
        perform(() -> {
            this.connected = connected;
            network.changed(name, connected ? "is back on the network" : "is off the network");
        });
    }

    /**
     * Gives it a datagram that nobody has sent, with any source: what an attacker does.
     *
     * @param from resolved
     * @param port which of its ports it is for
     * @param datagram copied
     */
    public void inject(InetSocketAddress from, int port, byte[] datagram) {
        byte[] copy = datagram.clone();
        perform(() -> {
            network.trace().injected(copy);
            network.router().deliver(this, from, new InetSocketAddress(address, port), copy, Link.Alteration.NONE);
        });
    }

    /** Moves its wall clock. Nodes that are bound already go on with their monotonic clocks, and may take a step ahead for a sleep. */
    public void stepClock(Duration by) {
        perform(() -> {
            clockOffsetNs += by.toNanos();
            network.changed(name, "has its clock moved by " + by);
        });
    }

    /**
     * Changes its address, as by a change of network; its sockets stay bound.
     *
     * @param address one that nobody has in the host's network, the internet or that behind its NAT
     * @throws IllegalArgumentException if the address is taken
     */
    public void moveTo(InetAddress address) {
        realm.requireFree(address, this);
        perform(() -> {
            realm.attach(address, this);
            if (!address.equals(this.address)) {
                realm.detach(this.address);
            }
            this.address = address;
            network.changed(name, "moves to " + address.getHostAddress());
        });
    }

    /** Whether its sockets take runs of datagrams, as Linux does; they do by default. Holds for those bound later. */
    public void setOffload(boolean offload) {
        this.offload = offload;
    }

    /**
     * What is between this host and all others, on the way out; null for nothing, the default. Comes before the links.
     * Changing it leaves what is under way as it is.
     */
    public void uplink(@Nullable LinkSettings settings) {
        uplink = changed("uplink", uplink, settings);
    }

    /** What is between all other hosts and this one, behind the links; null for nothing, the default. */
    public void downlink(@Nullable LinkSettings settings) {
        downlink = changed("downlink", downlink, settings);
    }

    private @Nullable Link changed(String which, @Nullable Link link, @Nullable LinkSettings settings) {
        if (link == null && settings == null) {
            return null;
        }
        LinkSettings next = settings == null ? LinkSettings.PERFECT : settings;
        network.changed(name, "has the " + which + ' ' + next);
        if (link == null) {
            return new Link(next, random.split(which));
        }
        link.change(next);
        return link;
    }

    /**
     * Is shown each connection of this host's nodes after each pass; {@code watcher} must only look at it. What it throws
     * is kept, see {@link SimulatedNetwork#failures}, and disturbs nothing.
     */
    public void watch(Consumer<? super Connection> watcher) {
        watchers.add(watcher);
    }

    /** How many bytes of received messages its nodes hold, those included that applications hold. */
    public long messageBytes() {
        return messages.metric().usedHeapMemory();
    }

    // For nodes

    @Override
    public Mono<Resources> open(InetSocketAddress local, UdpSocketOptions options) {
        return Mono.create(sink -> network.runNow(() -> {
            try {
                SimulatedLoop loop = network.newLoop(clockOffsetNs);
                SimulatedSocket socket = bind(local, options, loop);
                loops.add(loop);
                Resources resources = new Resources(
                        socket,
                        random.split("node " + opened++),
                        messages,
                        new ConnectionTracer(network, name, socket.localAddress(), watchers),
                        () -> network.wallClockNs() + clockOffsetNs);
                loop.runNow(() -> sink.success(resources));
                if (suspended) {
                    loop.suspend();
                }
            } catch (IOException e) {
                sink.error(e);
            }
        }));
    }

    @Override
    public List<InetAddress> hostAddresses() {
        return List.of(address);
    }

    @Override
    public Mono<InetSocketAddress> resolve(PeerAddress peer) {
        return network.resolve(peer);
    }

    @Override
    public String toString() {
        return name + '(' + address.getHostAddress() + ')';
    }

    // For the network

    Realm realm() {
        return realm;
    }

    boolean isConnected() {
        return connected;
    }

    boolean isSuspended() {
        return suspended;
    }

    @Nullable
    Link uplink() {
        return uplink;
    }

    @Nullable
    Link downlink() {
        return downlink;
    }

    @Nullable
    SimulatedSocket socket(int port) {
        return sockets.get(port);
    }

    @Nullable
    DirectedLink linkTo(Realm.Attachment other) {
        return links.get(other.name());
    }

    void addLink(Realm.Attachment other, DirectedLink link) {
        links.put(other.name(), link);
    }

    void unbind(SimulatedSocket socket) {
        sockets.remove(socket.port(), socket);
    }

    private SimulatedSocket bind(InetSocketAddress local, UdpSocketOptions options, SimulatedLoop loop)
            throws BindException {
        String wanted = local.getHostString() + ':' + local.getPort();
        if (!up) {
            throw new BindException("cannot bind a UDP socket to " + wanted + ": the host " + name + " is down");
        }
        if (local.isUnresolved()
                ? !local.getHostString().equals(name)
                : !local.getAddress().isAnyLocalAddress() && !local.getAddress().equals(address)) {
            throw new BindException("cannot bind a UDP socket to " + wanted + ": the host " + name + " has the address "
                    + address.getHostAddress());
        }
        int port = local.getPort() == 0 ? freePort() : local.getPort();
        if (sockets.containsKey(port)) {
            throw new BindException("cannot bind a UDP socket to " + wanted + ": the port is in use on " + name);
        }
        SimulatedSocket socket = new SimulatedSocket(network, this, loop, port, options, offload, datagrams);
        socket.setStalled(stalled);
        sockets.put(port, socket);
        return socket;
    }

    private int freePort() throws BindException {
        for (int tries = FIRST_EPHEMERAL_PORT; tries <= MAX_PORT; tries++) {
            int port = nextPort;
            nextPort = port == MAX_PORT ? FIRST_EPHEMERAL_PORT : port + 1;
            if (!sockets.containsKey(port)) {
                return port;
            }
        }
        throw new BindException("all ephemeral ports of " + name + " are in use");
    }
}
