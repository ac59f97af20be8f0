package dev.tether.reactor;

import dev.tether.core.ConnectionState;
import dev.tether.core.PeerIdentity;
import dev.tether.core.connection.Connection;
import dev.tether.core.connection.ConnectionCounters;
import dev.tether.core.connection.ConnectionEnd;
import dev.tether.core.connection.DeliveredUpTo;
import dev.tether.core.connection.DeliveryReading;
import dev.tether.core.connection.Pong;
import dev.tether.core.error.PeerContext;
import dev.tether.core.error.TransportException;
import dev.tether.core.frame.IntroductionFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Sinks;
import reactor.netty.ByteBufFlux;

/** A connection as the application sees it: turns calls into commands on the event loop, and events into signals. */
final class ReactivePeerConnection implements PeerConnection {

    private final ConnectionDriver driver;
    private final ReactorNode node;
    private final Connection connection;
    private final MessageInbox inbox;
    private final MessageOutbox outbox;
    private final PeerStreams streams;
    private final DatagramInbox datagramInbox;
    private final DatagramOutbox datagramOutbox;
    private final Sinks.Many<ConnectionState> states = Sinks.many().replay().latest();
    private final CommandLimit commands;
    private final Map<Long, MonoSink<Duration>> pings = new HashMap<>(0);
    private volatile ConnectionState state;
    private volatile int maxDatagramSize;
    private volatile InetSocketAddress remoteAddress;
    private volatile @Nullable InetSocketAddress ownAddress;
    private @Nullable ConnectionEnd end;

    ReactivePeerConnection(ConnectionDriver driver, ReactorNode node, Connection connection) {
        this.driver = driver;
        this.node = node;
        this.connection = connection;
        this.remoteAddress = connection.remoteAddress();
        this.inbox = new MessageInbox(driver, node, connection, this::releaseIfExhausted);
        this.outbox = new MessageOutbox(driver, connection);
        this.datagramInbox = new DatagramInbox(driver, node, connection);
        this.datagramOutbox = new DatagramOutbox(driver, node, connection);
        this.commands = new CommandLimit(node);
        this.streams = new PeerStreams(this, driver, node, connection);
        this.state = connection.state();
        emit(state);
    }

    @Override
    public PeerIdentity remoteIdentity() {
        return connection.remoteIdentity();
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return remoteAddress;
    }

    @Override
    public Optional<InetSocketAddress> ownAddress() {
        return Optional.ofNullable(ownAddress);
    }

    @Override
    public Flux<ConnectionState> states() {
        return states.asFlux();
    }

    @Override
    public ConnectionState state() {
        return state;
    }

    @Override
    public ByteBufFlux receive() {
        return ByteBufFlux.fromInbound(inbox);
    }

    @Override
    public Mono<Void> send(Publisher<? extends ByteBuf> messages) {
        return new SendMono(
                messages, node, send -> enqueue(() -> outbox.add(send)), this::onReady, SendSubscriber.MAX_DEMAND);
    }

    @Override
    public Mono<Void> sendString(Publisher<String> messages) {
        return send(utf8(messages));
    }

    @Override
    public Mono<PeerStream> openStream() {
        return streams.open(true);
    }

    @Override
    public Mono<PeerStream> openUniStream() {
        return streams.open(false);
    }

    @Override
    public Flux<PeerStream> streams() {
        return streams.accepted();
    }

    /** Each string as one buffer; a {@code Mono} stays one. */
    static Publisher<ByteBuf> utf8(Publisher<String> messages) {
        ByteBufAllocator allocator = ByteBufAllocator.DEFAULT;
        return messages instanceof Mono<String> one
                ? one.map(text -> ByteBufUtil.writeUtf8(allocator, text))
                : Flux.from(messages).map(text -> ByteBufUtil.writeUtf8(allocator, text));
    }

    @Override
    public Mono<Void> sendDatagram(Publisher<? extends ByteBuf> datagrams) {
        return new SendMono(
                datagrams,
                node,
                send -> enqueue(() -> datagramOutbox.add(send)),
                this::onDatagramReady,
                DatagramOutbox.maxDemand(node));
    }

    @Override
    public ByteBufFlux receiveDatagrams() {
        return ByteBufFlux.fromInbound(datagramInbox);
    }

    @Override
    public int maxDatagramSize() {
        return maxDatagramSize;
    }

    @Override
    public Mono<Duration> ping() {
        return command(sink -> {
            if (end != null) {
                sink.error(end.pendingFailure());
            } else {
                pings.put(connection.ping(node.nowNs()), sink);
            }
        });
    }

    @Override
    public Mono<ConnectionStatistics> statistics() {
        return command(sink -> sink.success(reading()));
    }

    @Override
    public Mono<Void> close(long code, String reason) {
        if (code < 0 || code > PeerConnection.MAX_CLOSE_CODE) {
            return Mono.error(invalidCloseCode(code));
        }
        return Mono.defer(() -> {
            node.execute(() -> {
                connection.close(code, reason, node.nowNs());
                driver.markDirty();
            });
            return onClose().onErrorComplete();
        });
    }

    static IllegalArgumentException invalidCloseCode(long code) {
        return new IllegalArgumentException(
                "close code " + code + ", it must be from 0 to " + PeerConnection.MAX_CLOSE_CODE);
    }

    @Override
    public Mono<Void> onClose() {
        return states.asFlux().then();
    }

    @Override
    public String toString() {
        return "PeerConnection{" + remoteIdentity().shortName() + ", " + remoteAddress() + ", " + state + '}';
    }

    // On the event loop, from the driver

    MessageInbox inbox() {
        return inbox;
    }

    MessageOutbox outbox() {
        return outbox;
    }

    PeerStreams peerStreams() {
        return streams;
    }

    /** Whether the peer has all that was taken from publishers. */
    boolean isSettled() {
        return outbox.isSettled() && streams.isSettled();
    }

    /** Takes nothing more from any publisher. */
    void stopSending(TransportException refusal) {
        outbox.stop(refusal);
        streams.stop(refusal);
    }

    DatagramInbox datagramInbox() {
        return datagramInbox;
    }

    DatagramOutbox datagramOutbox() {
        return datagramOutbox;
    }

    /** Whether there is something to deliver, or to take into the send buffer. */
    boolean isDue() {
        return inbox.isDue() || outbox.isDue() || streams.isDue() || datagramInbox.isDue() || datagramOutbox.isDue();
    }

    void publishOwnAddress() {
        ownAddress = connection.ownAddress();
    }

    void publishStates() {
        for (ConnectionState next = connection.pollState(); next != null; next = connection.pollState()) {
            state = next;
            maxDatagramSize = connection.datagrams().maxSize();
            remoteAddress = connection.remoteAddress();
            publishOwnAddress();
            node.listener().onState(connection, next);
            emit(next);
        }
        ConnectionEnd beginning = connection.end();
        if (beginning != null) {
            endPending(beginning);
        }
    }

    void publishDelivered() {
        for (DeliveredUpTo next = connection.pollDelivered(); next != null; next = connection.pollDelivered()) {
            node.links().onDelivered(remoteIdentity(), next);
        }
    }

    void publishPongs() {
        for (Pong pong = connection.pollPong(); pong != null; pong = connection.pollPong()) {
            MonoSink<Duration> sink = pings.remove(pong.id());
            if (sink != null) {
                sink.success(Duration.ofNanos(pong.roundTripNs()));
            }
        }
    }

    /** The connection is over: everything of it ends, its states last. */
    void end(ConnectionEnd end) {
        driver.signal(this::publishStates);
        endPending(end);
        driver.signal(() -> datagramInbox.onEnd(end, node.nowNs()));
        driver.signal(() -> {
            inbox.onEnd(end, node.nowNs());
            inbox.drainIfDue(node.nowNs());
        });
        driver.signal(() -> streams.onEnd(end, node.nowNs()));
        releaseIfExhausted();
        if (end.failure() == null) {
            states.tryEmitComplete().orThrow();
        } else {
            states.tryEmitError(end.failure()).orThrow();
        }
    }

    /** A close has begun, or all is over: what is pending will not be done. */
    private void endPending(ConnectionEnd end) {
        if (this.end != null) {
            return;
        }
        this.end = end;
        // The packet that brought the close may have brought acknowledgements.
        driver.signal(streams::onAcknowledged);
        outbox.onEnd(end);
        streams.failSending(end);
        datagramOutbox.onEnd(end);
        List<MonoSink<Duration>> unanswered = List.copyOf(pings.values());
        pings.clear();
        unanswered.forEach(sink -> driver.signal(() -> sink.error(end.pendingFailure())));
    }

    /** After the end: gives back what the engine holds, when nobody can ask for any of it. */
    void releaseIfExhausted() {
        if (inbox.isExhausted() && streams.isExhausted()) {
            connection.release();
        }
    }

    /** Nothing else emits states, and none are emitted after the end: any other result is a bug. */
    private void emit(ConnectionState next) {
        states.tryEmitNext(next).orThrow();
    }

    // On the event loop, from links

    void addSource(MessageSource source) {
        outbox.add(source);
        onReady(source);
    }

    void onReady(MessageSource source) {
        outbox.onReady(source);
        driver.markDirty();
    }

    private void onDatagramReady(MessageSource source) {
        datagramOutbox.onReady(source);
        driver.markDirty();
    }

    long peerInstance() {
        return connection.peerInstance();
    }

    long maxMessageSize() {
        return connection.messages().maxSize();
    }

    PeerContext peerContext() {
        return connection.context();
    }

    /** Sends the peer a frame of an introduction; false if it takes none now. */
    boolean offerIntroduction(IntroductionFrame frame) {
        boolean taken = connection.introductions().offer(frame);
        driver.markDirty();
        return taken;
    }

    /** Whether a close has begun, or all is over. */
    boolean isOver() {
        return end != null;
    }

    /** Whether it has ended, and all its messages were taken. */
    boolean isExhausted() {
        return inbox.isExhausted();
    }

    /** After the end: gives back the messages that nobody takes; returns whether that is so. */
    boolean discardUnread() {
        return inbox.discardUnread();
    }

    long nowNs() {
        return node.nowNs();
    }

    // From relays

    /** Subscribes on the event loop, and beyond the limit of commands: for what is bounded otherwise. */
    <T> Mono<T> onLoop(Mono<T> mono) {
        return new Mono<>() {
            @Override
            public void subscribe(CoreSubscriber<? super T> actual) {
                if (!node.execute(() -> mono.subscribe(actual))) {
                    Operators.error(actual, node.closedFailure());
                }
            }
        };
    }

    /** Signals when some time has passed, by the clock of the node. */
    Mono<Void> delay(Duration time) {
        return Mono.create(sink -> sink.onDispose(node.schedule(sink::success, time)));
    }

    // Commands

    /** A command that answers with one value, taken to the event loop on subscription. */
    private <T> Mono<T> command(Consumer<MonoSink<T>> body) {
        return Mono.create(sink -> {
            RuntimeException refusal = enqueue(() -> body.accept(sink));
            if (refusal != null) {
                sink.error(refusal);
            }
        });
    }

    /** Runs a command on the event loop. Returns why it will not run; null if it will. */
    @Nullable
    RuntimeException enqueue(Runnable command) {
        return commands.submit(
                () -> {
                    command.run();
                    driver.markDirty();
                },
                connection::context);
    }

    private ConnectionStatistics reading() {
        ConnectionCounters counters = connection.counters();
        DeliveryReading delivery = connection.delivery();
        return new ConnectionStatistics(
                Duration.ofNanos(delivery.smoothedRttNs()),
                Duration.ofNanos(delivery.minRttNs()),
                delivery.congestionWindow(),
                delivery.bytesInFlight(),
                delivery.datagramSize(),
                counters.packetsSent,
                counters.bytesSent,
                counters.packetsReceived,
                counters.bytesReceived,
                counters.packetsLost,
                counters.probeTimeouts,
                counters.messagesSent,
                counters.messagesReceived,
                counters.datagramsSent,
                counters.datagramsReceived,
                counters.datagramsDropped,
                counters.datagramsLost,
                driver.inboundDropped(),
                counters.unauthenticated,
                counters.duplicates);
    }
}
