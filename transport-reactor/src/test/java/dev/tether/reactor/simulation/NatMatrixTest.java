package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.NatBehaviour;
import dev.tether.core.PeerAddress;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.error.ConnectionEstablishmentException.Reason;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.core.simulation.NatSettings;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Who connects with whom through a gateway: docs/PROTOCOL.md, section 12.2, and docs/nat.md. */
class NatMatrixTest {

    private static final int SEEDS = Integer.getInteger("tether.nat.seeds", 200);
    private static final LinkSettings LINK =
            LinkSettings.PERFECT.latency(Duration.ofMillis(100)).loss(0.1);
    private static final Duration LIMIT = Duration.ofSeconds(2);

    /** What is between a peer and the internet. */
    enum Surroundings {
        OPEN(NatBehaviour.NONE),
        FULL_CONE(NatBehaviour.ENDPOINT_INDEPENDENT, NatSettings.FULL_CONE),
        ADDRESS_RESTRICTED(NatBehaviour.ENDPOINT_INDEPENDENT, NatSettings.ADDRESS_RESTRICTED),
        PORT_RESTRICTED(NatBehaviour.ENDPOINT_INDEPENDENT, NatSettings.PORT_RESTRICTED),
        SYMMETRIC(NatBehaviour.ENDPOINT_DEPENDENT, NatSettings.SYMMETRIC),
        NESTED(NatBehaviour.ENDPOINT_INDEPENDENT, NatSettings.FULL_CONE, NatSettings.PORT_RESTRICTED);

        private final NatBehaviour behaviour;

        /** The outermost one first. */
        private final List<NatSettings> nats;

        Surroundings(NatBehaviour behaviour, NatSettings... nats) {
            this.behaviour = behaviour;
            this.nats = List.of(nats);
        }

        SimulatedHost host(SimulatedNetwork network, String name) {
            if (nats.isEmpty()) {
                return network.host(name);
            }
            SimulatedNat nat = network.nat(name + "-nat", nats.get(0));
            for (NatSettings inner : nats.subList(1, nats.size())) {
                nat = nat.nat(name + "-inner-nat", inner);
            }
            return nat.host(name);
        }
    }

    /** What lets in only whom it has sent to, port and all: it does not know the port that a symmetric one will come from. */
    private static final Set<Surroundings> CLOSED_TO_SYMMETRIC =
            EnumSet.of(Surroundings.PORT_RESTRICTED, Surroundings.SYMMETRIC, Surroundings.NESTED);

    static Stream<Arguments> pairs() {
        return Stream.of(Surroundings.values())
                .flatMap(requester -> Stream.of(Surroundings.values()).map(target -> Arguments.of(requester, target)));
    }

    private static boolean canBePunched(Surroundings a, Surroundings b) {
        return !(a == Surroundings.SYMMETRIC && CLOSED_TO_SYMMETRIC.contains(b)
                || b == Surroundings.SYMMETRIC && CLOSED_TO_SYMMETRIC.contains(a));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void whoCanBePunchedConnectsWithinTwoSecondsAndTheOthersAreToldWhy(Surroundings requester, Surroundings target) {
        for (long seed = 0; seed < SEEDS; seed++) {
            run(requester, target, seed);
        }
    }

    private static void run(Surroundings requester, Surroundings target, long seed) {
        SimulatedNetwork network = SimulatedNetwork.create(seed);
        network.changeDefaultLink(LINK);
        List<PeerAddress> gateways = List.of(
                gateway(network, "g1").addressAs("g1"), gateway(network, "g2").addressAs("g2"));
        TransportNode a = peer(requester.host(network, "a"), gateways);
        TransportNode b = peer(target.host(network, "b"), gateways);
        network.await(
                a.network().filter(state -> state.connectedGateways() == 2).next(), Duration.ofSeconds(30));
        network.await(
                b.network().filter(state -> state.connectedGateways() == 2).next(), Duration.ofSeconds(30));
        network.advance(Duration.ofSeconds(1));

        List<PeerConnection> connected = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        a.connect(PeerAddress.of(b.identity())).subscribe(connected::add, failures::add);
        if (canBePunched(requester, target)) {
            network.advance(LIMIT);
            assertThat(failures).as("seed %d", seed).isEmpty();
            assertThat(connected).as("seed %d", seed).hasSize(1);
        } else {
            network.advance(Duration.ofSeconds(10));
            assertThat(failures).as("seed %d", seed).singleElement().satisfies(failure -> {
                ConnectionEstablishmentException cause = (ConnectionEstablishmentException) failure;
                assertThat(cause.reason()).isEqualTo(Reason.NO_DIRECT_PATH);
                assertThat(cause.natBehaviour()).isEqualTo(requester.behaviour);
                assertThat(cause.peerNatBehaviour()).isEqualTo(target.behaviour);
            });
        }
        assertThat(network.failures()).as("seed %d", seed).isEmpty();
        a.dispose();
        b.dispose();
    }

    private static TransportNode gateway(SimulatedNetwork network, String name) {
        return ReactiveTransport.create()
                .runOn(network.host(name))
                .identity(Peers.identity(name))
                .port(Peers.PORT)
                .gateway(true)
                .bindNow();
    }

    private static TransportNode peer(SimulatedHost host, List<PeerAddress> gateways) {
        return ReactiveTransport.create()
                .runOn(host)
                .identity(Peers.identity(host.name()))
                .gateways(gateways)
                .bindNow();
    }
}
