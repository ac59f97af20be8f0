package dev.tether.reactor;

import dev.tether.core.PeerAddress;
import dev.tether.core.PeerIdentity;
import dev.tether.core.TransportSettings;
import dev.tether.core.noise.KeyPair;
import dev.tether.reactor.socket.NodeEnvironment;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

/**
 * Builds a node. Immutable: each setter returns a changed copy, so that a configuration can be shared and derived from.
 *
 * <pre>{@code
 * TransportNode node = ReactiveTransport.create()
 *         .identity(KeyPair.generate())
 *         .port(4433)
 *         .handle(connection -> connection.send(connection.receive().retain()))
 *         .bindNow();
 * }</pre>
 */
public final class ReactiveTransport {

    private static final Duration BIND_TIMEOUT = Duration.ofSeconds(45);

    private final TransportConfig config;

    private ReactiveTransport(TransportConfig config) {
        this.config = config;
    }

    /** A node with a new identity at each bind, on a port of the system's choice, at all addresses of the host. */
    public static ReactiveTransport create() {
        return new ReactiveTransport(TransportConfig.DEFAULT);
    }

    /** Who the node is. Without it each bind generates an identity of its own. */
    public ReactiveTransport identity(KeyPair identity) {
        return new ReactiveTransport(config.withIdentity(identity));
    }

    /** The host name or address to bind to; all addresses of the host by default. */
    public ReactiveTransport host(String host) {
        return new ReactiveTransport(config.withHost(host));
    }

    /**
     * The port to bind to; 0, the default, lets the system choose.
     *
     * @throws IllegalArgumentException if it is not 0 to 65535
     */
    public ReactiveTransport port(int port) {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port is " + port + ", it must be from 0 to 65535");
        }
        return new ReactiveTransport(config.withPort(port));
    }

    /** Where the node's event loop comes from; Reactor Netty's shared UDP loops by default. */
    public ReactiveTransport runOn(LoopResources loops) {
        return runOn(new SystemEnvironment(loops));
    }

    /** What the node lives in: this system by default, or a host of a simulated network. */
    public ReactiveTransport runOn(NodeEnvironment environment) {
        return new ReactiveTransport(config.withEnvironment(environment));
    }

    /** Whether to use the native transport where there is one (the default), or always Java's own. */
    public ReactiveTransport preferNative(boolean preferNative) {
        return new ReactiveTransport(config.withPreferNative(preferNative));
    }

    /** Limits and timers. */
    public ReactiveTransport settings(TransportSettings settings) {
        return new ReactiveTransport(config.withSettings(settings));
    }

    /** Changes limits and timers: {@code settings(s -> s.datagramSize(1400))}. */
    public ReactiveTransport settings(UnaryOperator<TransportSettings.Builder> change) {
        return settings(change.apply(config.settings().toBuilder()).build());
    }

    /** Is called with each connection, dialed or accepted, when it is established. Must not block. */
    public ReactiveTransport doOnConnection(Consumer<? super PeerConnection> callback) {
        return new ReactiveTransport(config.withOnConnection(callback));
    }

    /**
     * Serves each accepted connection with the publisher that {@code handler} returns; when it completes, the connection is
     * closed with code 0, and when it errors, with code 1 and the error's message.
     *
     * <p>The end of the connection does not cancel the publisher, as it may be at work on what was received; what it uses of the
     * connection ends then, with the cause. One that uses nothing of it should look at {@link PeerConnection#onClose()}.
     */
    public ReactiveTransport handle(Function<? super PeerConnection, ? extends Publisher<Void>> handler) {
        return new ReactiveTransport(config.withHandler(handler));
    }

    /**
     * Decides who may connect. {@code decide} is asked once for each authentic attempt of a peer, before it is answered;
     * copies that the peer sends meanwhile are not asked about. Attempts of this node, and those of peers that meet one of
     * its own which has precedence, are never asked about. Without this, everybody may connect.
     *
     * <p>It is called on the event loop and must not block; the publisher may decide on any thread, within
     * {@link TransportSettings#admissionTimeout()}. What it emits first counts. If it takes longer, errors or completes
     * without a decision, or {@code decide} throws, the peer is refused with a reason that says so, by the transport and not
     * with a code of the application. The subscription is cancelled when the time is up, when the peer has started a newer attempt or is
     * connected otherwise, and when the node closes.
     *
     * <p>An attempt that is waiting for its decision takes a place as an answered one does
     * ({@link TransportSettings#maxHalfOpen()}); where there is none, the peer is refused without asking.
     *
     * @see ConnectionRequest what is known of the peer at this time, and what is not
     */
    public ReactiveTransport admit(Function<? super ConnectionRequest, ? extends Publisher<Admission>> decide) {
        return new ReactiveTransport(config.withAdmission(decide));
    }

    /**
     * Whether this node is a gateway, which introduces its peers to each other: whoever is connected to it can be reached by the
     * others, if it consents. Not by default. A gateway has to be reachable itself, at an address that its peers are given.
     *
     * <p>Without a {@link #handle handler}, a gateway keeps its peers' connections open and gives them to nobody: {@link
     * TransportNode#connections()} has none.
     */
    public ReactiveTransport gateway(boolean gateway) {
        return new ReactiveTransport(config.withRendezvous(config.rendezvous().withGateway(gateway)));
    }

    /**
     * The gateways of this node. It keeps a link to each of them from its bind to its close, so that they can introduce others to
     * it, and asks them for the way to peers that it connects to: {@link TransportNode#connect}. What they see of it is in {@link
     * TransportNode#network()}. None by default.
     *
     * @param gateways each with a host; at most 8, and one equal to the node's own identity is passed over
     * @throws IllegalArgumentException if there are too many, or one has no host
     */
    public ReactiveTransport gateways(Collection<PeerAddress> gateways) {
        return new ReactiveTransport(config.withRendezvous(config.rendezvous().withGateways(List.copyOf(gateways))));
    }

    /** {@link #gateways(Collection)}. */
    public ReactiveTransport gateways(PeerAddress... gateways) {
        return gateways(List.of(gateways));
    }

    /**
     * Whether this node lets a gateway of its own introduce a peer to it, so that both send a few datagrams to each other's
     * addresses. Everybody, by default. Who is introduced connects as any other peer does, and {@link #admit} is asked then. A peer
     * that knows the node's address does not need to be introduced.
     *
     * @param consent is called with the requester's identity, on the event loop, and must not block; if it throws, the requester is
     *     refused
     */
    public ReactiveTransport acceptIntroductions(Predicate<? super PeerIdentity> consent) {
        return new ReactiveTransport(config.withRendezvous(config.rendezvous().withConsent(consent)));
    }

    /**
     * Binds. Cold. Errors with a {@link dev.tether.core.error.ChannelClosedException} that names the address when it
     * cannot be bound.
     */
    public Mono<? extends TransportNode> bind() {
        return ReactorNode.bind(config);
    }

    /** Binds, and blocks until it is done. Not on an event loop. */
    public TransportNode bindNow() {
        TransportNode node = bind().block(BIND_TIMEOUT);
        if (node == null) {
            throw new IllegalStateException("bind() completed without a node");
        }
        return node;
    }
}
