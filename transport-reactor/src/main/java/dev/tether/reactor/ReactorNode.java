package dev.tether.reactor;

import dev.tether.core.PeerAddress;
import dev.tether.core.PeerIdentity;
import dev.tether.core.TransportSettings;
import dev.tether.core.connection.Connection;
import dev.tether.core.connection.ConnectionEnd;
import dev.tether.core.connection.EngineContext;
import dev.tether.core.endpoint.Endpoint;
import dev.tether.core.error.ChannelClosedException;
import dev.tether.core.error.PeerContext;
import dev.tether.core.noise.KeyPair;
import dev.tether.reactor.socket.ConnectionListener;
import dev.tether.reactor.socket.DatagramSocket;
import dev.tether.reactor.socket.NodeEnvironment;
import dev.tether.reactor.socket.SocketCounters;
import io.netty.util.collection.LongObjectHashMap;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * A node on one socket and its event loop. All state is confined to that loop; what other threads ask for comes as a task.
 */
final class ReactorNode implements TransportNode, NodeLoop {

    private static final String ATTEMPT_CANCELLED = "the attempt was cancelled";

    private final TransportConfig config;
    private final KeyPair keyPair;
    private final DatagramSocket socket;
    private final ConnectionListener listener;
    private final Endpoint endpoint;
    private final InboundPipeline pipeline;
    private final PendingConnects pending;
    private final Rendezvous rendezvous;
    private final Links links;
    private final Incidents incidents = new Incidents();
    private final EndedConnections endedConnections = new EndedConnections(incidents);
    private final OrderlyClose orderlyClose;
    private final SleepDetector sleepDetector;
    private final AcceptedConnections accepted;
    private final Admissions admissions;
    private final LongObjectHashMap<ConnectionDriver> drivers = new LongObjectHashMap<>();
    private final Passes passes;
    private final byte[] inboundScratch = new byte[1 << 16];

    /** Once {@code close()} has begun: no new connection comes to be. */
    private @Nullable ChannelClosedException closing;

    private volatile @Nullable ChannelClosedException closed;

    private ReactorNode(TransportConfig config, NodeEnvironment.Resources resources) {
        this.config = config;
        KeyPair identity = config.identity();
        this.keyPair = identity == null ? KeyPair.generate(resources.random()) : identity;
        this.socket = resources.socket();
        this.links = new Links(this, socket.scheduler(), resources.random());
        this.listener = resources.listener();
        this.endpoint = new Endpoint(
                new EngineContext(keyPair, config.settings(), resources.random(), resources.messages()),
                config.admission() != null,
                nowNs());
        this.passes = new Passes(this, endpoint, socket);
        this.pipeline = new InboundPipeline(this, endpoint);
        this.pending = new PendingConnects(this, endpoint);
        this.accepted = new AcceptedConnections(this, endpoint, config);
        this.admissions = new Admissions(this, endpoint, socket.scheduler(), config);
        this.orderlyClose = new OrderlyClose(this, socket.scheduler());
        this.rendezvous = new Rendezvous(this, endpoint, pending, socket, resources.random(), config.rendezvous());
        this.sleepDetector = new SleepDetector(socket.scheduler(), resources.wallClockNs(), this::onResumed);
    }

    static Mono<ReactorNode> bind(TransportConfig config) {
        return config.environment()
                .open(config.bindAddress(), config.socketOptions())
                .onErrorMap(ReactorNode::bindFailure)
                .map(resources -> new ReactorNode(config, resources))
                .flatMap(ReactorNode::start);
    }

    private Mono<ReactorNode> start() {
        return Mono.create(sink -> execute(() -> {
            accepted.updateAcceptable();
            socket.onBatchEnd(passes::run);
            socket.onWritable(passes::onWritable);
            socket.onSendError(endpoint::handleSendError);
            pipeline.subscribe(socket);
            // An event loop that ends may forget to end the flux of its channel.
            socket.onClose().subscribe(nothing -> {}, this::onSocketFailed, this::onSocketClosed);
            rendezvous.start();
            sink.success(this);
        }));
    }

    private static Throwable bindFailure(Throwable cause) {
        return new ChannelClosedException(String.valueOf(cause.getMessage()), PeerContext.NONE, cause);
    }

    @Override
    public PeerIdentity identity() {
        return keyPair.identity();
    }

    @Override
    public InetSocketAddress localAddress() {
        return socket.localAddress();
    }

    @Override
    public PeerAddress addressAs(String host) {
        return PeerAddress.of(identity(), host, localAddress().getPort());
    }

    @Override
    public Mono<PeerConnection> connect(PeerAddress peer) {
        return connect(peer, false);
    }

    @Override
    public Mono<PeerConnection> connectNew(PeerAddress peer) {
        return connect(peer, true);
    }

    private Mono<PeerConnection> connect(PeerAddress peer, boolean onlyNew) {
        return resolve(peer)
                .flatMap(address -> Mono.create(sink -> {
                    if (!execute(() -> pending.connect(peer.identity(), address.orElse(null), onlyNew, sink))) {
                        sink.error(closedFailure());
                    }
                }));
    }

    /** Where a peer is said to be; empty if that is not known, or a gateway may know better. */
    private Mono<Optional<InetSocketAddress>> resolve(PeerAddress peer) {
        OwnGateways.Gateway gateway = rendezvous.gateway(peer.identity());
        PeerAddress address = gateway == null || peer.hasHost() ? peer : gateway.address();
        if (!address.hasHost()) {
            return Mono.just(Optional.empty());
        }
        return config.environment().resolve(address).map(Optional::of);
    }

    @Override
    public PeerLink link(PeerAddress peer) {
        return links.link(peer);
    }

    @Override
    public PeerLink link(PeerAddress peer, Retry retry) {
        return links.link(peer, retry);
    }

    @Override
    public Flux<PeerConnection> connections() {
        return accepted.flux();
    }

    @Override
    public Flux<EndedConnection> ended() {
        return endedConnections;
    }

    @Override
    public Flux<NetworkState> network() {
        return rendezvous.gateways().states();
    }

    @Override
    public Mono<NodeStatistics> statistics() {
        return Mono.create(sink -> {
            if (!execute(() -> sink.success(reading()))) {
                sink.error(closedFailure());
            }
        });
    }

    @Override
    public Mono<Void> close(Duration limit) {
        if (limit.isNegative()) {
            return Mono.error(new IllegalArgumentException(
                    "the limit to close within is " + limit + ", it must be zero or more"));
        }
        return Mono.defer(() -> execute(() -> orderlyClose.begin(limit)) ? socket.onClose() : socket.close());
    }

    @Override
    public void dispose() {
        execute(this::shutDown);
        socket.close().subscribe();
    }

    @Override
    public Mono<Void> onDispose() {
        return socket.onClose();
    }

    // For the parts of the node, on the event loop

    TransportSettings settings() {
        return config.settings();
    }

    ConnectionListener listener() {
        return listener;
    }

    Links links() {
        return links;
    }

    Rendezvous rendezvous() {
        return rendezvous;
    }

    List<InetAddress> hostAddresses() {
        return config.environment().hostAddresses();
    }

    Incidents incidents() {
        return incidents;
    }

    @Override
    public boolean inLoop() {
        return socket.inLoop();
    }

    /** The time of the node's clock, in nanoseconds. */
    long nowNs() {
        return socket.scheduler().now(TimeUnit.NANOSECONDS);
    }

    /** Where one received datagram, or one run of them, is copied to while it is handled. */
    byte[] inboundScratch() {
        return inboundScratch;
    }

    @Nullable
    ConnectionDriver driver(long connectionId) {
        return drivers.get(connectionId);
    }

    /** Something is to be sent on a connection, or has changed in it. */
    void markDirty(Connection connection) {
        ConnectionDriver driver = drivers.get(connection.localConnectionId());
        if (driver != null) {
            driver.markDirty();
        }
    }

    Passes passes() {
        return passes;
    }

    /** Gives each connection that the endpoint has created a driver. */
    void adoptCreated() {
        for (Connection created = endpoint.pollCreated(); created != null; created = endpoint.pollCreated()) {
            ConnectionDriver driver = new ConnectionDriver(this, socket, created);
            drivers.put(created.localConnectionId(), driver);
            driver.markDirty();
        }
    }

    // From a pass

    /** Marks what something has happened to since, without its own doing. */
    void markTouched() {
        admissions.drain();
        for (Connection touched = endpoint.pollTouched(); touched != null; touched = endpoint.pollTouched()) {
            markDirty(touched);
        }
    }

    void onDrained(ConnectionDriver driver) {
        orderlyClose.onDrained(driver);
    }

    /** There is nothing left to do, but to flush. */
    void onAllDrained() {
        accepted.updateAcceptable();
    }

    /** A pass is over. */
    void onPass() {
        orderlyClose.onPass();
        sleepDetector.watch(!drivers.isEmpty() || links.hasAny());
        if (closed != null && drivers.isEmpty()) {
            endedConnections.complete();
        }
    }

    // Tasks

    @Override
    public boolean execute(Runnable task) {
        if (socket.inLoop()) {
            task.run();
            passes.run();
            return true;
        }
        try {
            socket.scheduler().schedule(() -> {
                task.run();
                passes.run();
            });
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /** Runs a task on the event loop after a while, unless it is disposed of before. */
    Disposable schedule(Runnable task, Duration delay) {
        return socket.scheduler().schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Runs a task of the node on the event loop after a while, and a pass after it, unless it is disposed of before. */
    Disposable runAfter(long delayNs, Runnable task) {
        return socket.scheduler()
                .schedule(
                        () -> {
                            task.run();
                            passes.run();
                        },
                        Math.max(0, delayNs),
                        TimeUnit.NANOSECONDS);
    }

    /** What a connection tells of itself when it has been established. Returns whether the application gets it. */
    boolean onEstablished(ConnectionDriver driver) {
        if (orderlyClose.hasBegun()) {
            orderlyClose.onConfirmed(driver);
            return false;
        }
        ReactivePeerConnection peer = driver.peer();
        callBack(peer, driver.connection());
        boolean taken = pending.onEstablished(peer);
        taken |= links.onEstablished(peer);
        if (!driver.connection().isDialing()) {
            accepted.onAccepted(peer);
        } else if (!taken) {
            // Whoever has dialed has cancelled while the peer's answer was being read.
            driver.connection().closeUnseen(0, ATTEMPT_CANCELLED, nowNs());
        }
        return true;
    }

    /** A connection that had been unresponsive was heard. */
    void onRevived(ConnectionDriver driver) {
        pending.onRevived(
                driver.peer(), Endpoint.alreadyExists(driver.connection().context()));
    }

    private void callBack(PeerConnection peer, Connection connection) {
        Consumer<? super PeerConnection> callback = config.onConnection();
        if (callback == null) {
            return;
        }
        try {
            callback.accept(peer);
        } catch (RuntimeException e) {
            connection.close(AcceptedConnections.HANDLER_FAILED, AcceptedConnections.textOf(e), nowNs());
        }
    }

    /** This host has slept: each connection asks at once whether its peer is still there. */
    private void onResumed() {
        drivers.values().forEach(ConnectionDriver::onResumed);
        links.retryAll();
        passes.run();
    }

    /** No connection may have this address any more. */
    void forgetIfUnknown(InetSocketAddress address) {
        pipeline.forgetIfUnknown(address);
    }

    void onConnectionEnded(ConnectionDriver driver, ConnectionEnd end) {
        Connection connection = driver.connection();
        drivers.remove(connection.localConnectionId());
        if (closed == null) {
            pipeline.forgetIfUnknown(connection.remoteAddress());
        }
        orderlyClose.onEnded(driver);
        if (connection.wasConfirmed()) {
            rendezvous.onConnectionEnded(connection.remoteIdentity());
        }
        endedConnections.emit(new EndedConnection(
                connection.remoteIdentity(),
                connection.remoteAddress(),
                connection.isDialing(),
                connection.wasConfirmed(),
                end.failure()));
        if (closed == null && !endpoint.isInvolvedWith(connection.remoteIdentity())) {
            pending.onNothingLeft(connection, end);
        }
    }

    @Override
    public boolean isClosed() {
        return closed != null;
    }

    /** Why no connection comes to be any more; null as long as there may be one. */
    @Nullable
    ChannelClosedException refusal() {
        return closed != null ? closed : closing;
    }

    @Override
    public ChannelClosedException closedFailure() {
        ChannelClosedException failure = closed;
        return failure != null
                ? failure
                : new ChannelClosedException("the node's event loop is gone", PeerContext.NONE, null);
    }

    void onSocketFailed(Throwable cause) {
        onSocketGone(
                new ChannelClosedException("the socket has failed: " + cause.getMessage(), PeerContext.NONE, cause));
    }

    void onSocketClosed() {
        onSocketGone(new ChannelClosedException(
                "the socket was closed, or its event loop, and not by the node", PeerContext.NONE, null));
    }

    /** Without effect if this node has closed it. Where the loop is gone, too, nobody else is left on the node's state. */
    private void onSocketGone(ChannelClosedException failure) {
        if (closed == null && !execute(() -> shutDown(failure, true))) {
            shutDown(failure, true);
        }
    }

    /** From now on no connection comes to be. Returns those that there are, attempts included. */
    List<ConnectionDriver> stopConnecting() {
        closing = new ChannelClosedException(OrderlyClose.REASON, PeerContext.NONE, null);
        endpoint.stopAccepting();
        links.stop();
        pending.failAll(closing);
        return List.copyOf(drivers.values());
    }

    private void shutDown() {
        shutDown(new ChannelClosedException("the node is closed", PeerContext.NONE, null), false);
    }

    /** @param died whether the socket is gone, so that {@code connections()} has not just come to its end */
    private void shutDown(ChannelClosedException failure, boolean died) {
        if (closed != null) {
            return;
        }
        closed = failure;
        orderlyClose.onShutDown();
        links.endAll(failure);
        for (ConnectionDriver driver : List.copyOf(drivers.values())) {
            driver.connection()
                    .fail(new ChannelClosedException(
                            String.valueOf(failure.getMessage()),
                            driver.connection().context(),
                            failure.getCause()));
            driver.markDirty();
        }
        passes.run();
        pending.failAll(failure);
        endpoint.stopAccepting();
        admissions.stop();
        rendezvous.stop();
        accepted.onNodeClosed(died ? failure : null);
    }

    private NodeStatistics reading() {
        SocketCounters counters = socket.counters();
        return new NodeStatistics(
                endpoint.establishedCount(),
                endpoint.halfOpenCount(),
                endpoint.pendingAdmissionCount(),
                counters.datagramsIn(),
                counters.bytesIn(),
                counters.datagramsOut(),
                counters.bytesOut(),
                endpoint.counters().strayDatagrams,
                endpoint.counters().statelessResets,
                endpoint.counters().invalidInitiations,
                endpoint.counters().refused,
                endpoint.counters().refusedForCapacity,
                endpoint.counters().refusedByApplication,
                endpoint.counters().deferredInitiations,
                counters.sendErrors(),
                counters.receiveErrors(),
                incidents.inboundDropped(),
                counters.droppedOutbound(),
                incidents.commandsRefused(),
                incidents.internalErrors(),
                incidents.endedEventsLost(),
                rendezvous.introductionRequests(),
                rendezvous.introductions(),
                socket.capabilities().gso(),
                socket.capabilities().gro());
    }
}
