package dev.tether.reactor;

import dev.tether.core.CandidateAddress;
import dev.tether.core.ConnectionState;
import dev.tether.core.NatBehaviour;
import dev.tether.core.NatBehaviour.Observation;
import dev.tether.core.PeerAddress;
import dev.tether.core.PeerIdentity;
import dev.tether.core.RandomSource;
import dev.tether.core.endpoint.IntroductionBroker;
import dev.tether.core.endpoint.TokenBucket;
import dev.tether.core.frame.PunchNonce;
import dev.tether.core.frame.PunchOffer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/**
 * The gateways of a node: a link is kept to each of them, and what they see of the node is where others may reach it. On the
 * event loop.
 */
final class OwnGateways {

    /** One gateway, and the link to it. */
    static final class Gateway {

        private final PeerAddress address;
        private final TokenBucket requests;
        private LinkState state = new LinkState.Connecting(1);
        private @Nullable Throwable failure;

        Gateway(PeerAddress address, long nowNs) {
            this.address = address;
            this.requests =
                    new TokenBucket(IntroductionBroker.REQUESTS_PER_SECOND, IntroductionBroker.REQUEST_BURST, nowNs);
        }

        /** Whether it may be asked once more now without being asked too often. */
        boolean tryRequest(long nowNs) {
            if (!requests.hasToken(nowNs)) {
                return false;
            }
            requests.take(nowNs);
            return true;
        }

        PeerAddress address() {
            return address;
        }

        /** The connection by which it can be asked now; null if there is none. */
        @Nullable
        ReactivePeerConnection connection() {
            return state instanceof LinkState.Connected it
                            && it.state() instanceof ConnectionState.Established
                            && it.connection() instanceof ReactivePeerConnection connection
                            && !connection.isOver()
                    ? connection
                    : null;
        }

        /** Why the last attempt or connection has ended; null if there is a connection, or the first attempt runs. */
        @Nullable
        Throwable failure() {
            return failure;
        }

        private void enter(LinkState next) {
            state = next;
            if (next instanceof LinkState.Disconnected it) {
                failure = it.cause();
            } else if (next instanceof LinkState.Connected) {
                failure = null;
            }
        }

        private Optional<InetSocketAddress> ownAddress() {
            return state instanceof LinkState.Connected it ? it.connection().ownAddress() : Optional.empty();
        }

        private NetworkState.GatewayState reading() {
            return new NetworkState.GatewayState(
                    address, connection() != null, ownAddress(), Optional.ofNullable(failure()));
        }
    }

    private final ReactorNode node;
    private final RandomSource random;
    private final Runnable onChange;
    private final Map<PeerIdentity, Gateway> byIdentity = new LinkedHashMap<>();
    private final Sinks.Many<NetworkState> states = Sinks.many().replay().latest();
    private @Nullable NetworkState latest;

    /** @param onChange is called when one may have become connected, or has ceased to be */
    OwnGateways(ReactorNode node, List<PeerAddress> addresses, RandomSource random, Runnable onChange) {
        this.node = node;
        this.random = random;
        this.onChange = onChange;
        for (PeerAddress address : addresses) {
            if (!address.identity().equals(node.identity())) {
                byIdentity.putIfAbsent(address.identity(), new Gateway(address, node.nowNs()));
            }
        }
    }

    void start() {
        publish();
        for (Gateway gateway : byIdentity.values()) {
            // It ends with the node only.
            node.link(gateway.address)
                    .states()
                    .subscribe(
                            state -> onState(gateway, state),
                            failure -> onState(gateway, new LinkState.Disconnected(0, failure)));
        }
    }

    boolean isEmpty() {
        return byIdentity.isEmpty();
    }

    Collection<Gateway> all() {
        return byIdentity.values();
    }

    @Nullable
    Gateway get(PeerIdentity identity) {
        return byIdentity.get(identity);
    }

    Flux<NetworkState> states() {
        return states.asFlux();
    }

    void complete() {
        states.tryEmitComplete();
    }

    /** A gateway may see this node elsewhere. */
    void onOwnAddress(PeerIdentity observer) {
        if (byIdentity.containsKey(observer)) {
            publish();
        }
    }

    /** What this node tells others who are to reach it: where gateways see it, and where its own networks do. */
    PunchOffer offer() {
        Set<InetSocketAddress> candidates = new LinkedHashSet<>();
        observations().forEach(observation -> candidates.add(observation.observed()));
        boolean loopback =
                candidates.stream().anyMatch(candidate -> candidate.getAddress().isLoopbackAddress());
        candidates.addAll(localAddresses());
        List<InetSocketAddress> usable = candidates.stream()
                .filter(candidate -> CandidateAddress.isUsable(candidate, loopback))
                .limit(PunchOffer.MAX_CANDIDATES)
                .toList();
        return new PunchOffer(PunchNonce.draw(random), natBehaviour(), usable);
    }

    private void onState(Gateway gateway, LinkState state) {
        gateway.enter(state);
        publish();
        onChange.run();
    }

    private void publish() {
        List<InetSocketAddress> local = localAddresses();
        NetworkState next = new NetworkState(
                natBehaviour(local),
                local,
                byIdentity.values().stream().map(Gateway::reading).toList());
        if (!next.equals(latest)) {
            latest = next;
            // After the end of the node nobody is left to tell.
            states.tryEmitNext(next);
        }
    }

    private List<InetSocketAddress> localAddresses() {
        InetSocketAddress bound = node.localAddress();
        if (!bound.getAddress().isAnyLocalAddress()) {
            return List.of(bound);
        }
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (InetAddress address : node.hostAddresses()) {
            addresses.add(new InetSocketAddress(address, bound.getPort()));
        }
        return addresses;
    }

    private List<Observation> observations() {
        List<Observation> observations = new ArrayList<>();
        for (Gateway gateway : byIdentity.values()) {
            if (gateway.state instanceof LinkState.Connected it) {
                it.connection()
                        .ownAddress()
                        .ifPresent(own ->
                                observations.add(new Observation(it.connection().remoteAddress(), own)));
            }
        }
        return observations;
    }

    /** What stands between this node and its gateways. */
    NatBehaviour natBehaviour() {
        return natBehaviour(localAddresses());
    }

    /** As seen with the first own address that some observation is about: an address that was observed, or one of its family. */
    private NatBehaviour natBehaviour(List<InetSocketAddress> local) {
        List<Observation> observations = observations();
        for (Observation observation : observations) {
            InetSocketAddress observed = observation.observed();
            if (local.contains(observed) || isOwnLoopback(observed)) {
                return NatBehaviour.infer(observed, observations);
            }
        }
        for (InetSocketAddress address : local) {
            NatBehaviour behaviour = NatBehaviour.infer(address, observations);
            if (behaviour != NatBehaviour.UNKNOWN) {
                return behaviour;
            }
        }
        return NatBehaviour.UNKNOWN;
    }

    private boolean isOwnLoopback(InetSocketAddress observed) {
        return observed.getAddress().isLoopbackAddress()
                && observed.getPort() == node.localAddress().getPort();
    }
}
