package dev.tether.reactor.simulation;

import static dev.tether.reactor.simulation.Peers.assertEcho;
import static dev.tether.reactor.simulation.Peers.client;
import static dev.tether.reactor.simulation.Peers.connect;
import static dev.tether.reactor.simulation.Peers.server;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.simulation.DropCause;
import dev.tether.core.simulation.NatSettings;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.TransportNode;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HostsBehindNatsTest {

    private final SimulatedNetwork network = SimulatedNetwork.create(9);
    private final SimulatedHost s = network.host("s");
    private final TransportNode server = server(s);

    @AfterEach
    void nothingThrowsAndNothingLeaks() {
        assertThat(network.failures()).isEmpty();
        assertThat(network.datagramBytes()).isZero();
    }

    static Stream<NatSettings> kinds() {
        return Stream.of(
                NatSettings.FULL_CONE,
                NatSettings.ADDRESS_RESTRICTED,
                NatSettings.PORT_RESTRICTED,
                NatSettings.SYMMETRIC);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aClientBehindANatReachesAPublicServerAndGetsAnswers(NatSettings kind) {
        SimulatedNat nat = network.nat("nat", kind);
        List<InetSocketAddress> seen = new ArrayList<>();
        network.onEvent(event -> {
            if (event instanceof SimulationEvent.Arrived it && it.host().equals("s")) {
                seen.add(it.from());
            }
        });

        PeerConnection connection = connect(network, client(nat.host("a")), server, "s");
        assertEcho(network, connection);
        // Longer than a mapping lives: it is the keep-alive that keeps it.
        network.advance(Duration.ofMinutes(10));
        assertEcho(network, connection);

        assertThat(seen).extracting(InetSocketAddress::getAddress).containsOnly(nat.outsideAddress());
        assertThat(seen)
                .extracting(InetSocketAddress::getPort)
                .containsOnly(seen.get(0).getPort());
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void whatNobodyHasAskedForIsKeptOut(NatSettings kind) {
        SimulatedNat nat = network.nat("nat", kind);
        RawSocket inside = RawSocket.bind(network, nat.host("a"), 1);
        RawSocket known = RawSocket.bind(network, network.host("known"), 2);
        RawSocket otherPort = RawSocket.bind(network, network.host("known"), 3);
        RawSocket stranger = RawSocket.bind(network, network.host("stranger"), 4);
        inside.send(known.address(), new byte[1]);
        network.advance(Duration.ofSeconds(1));
        InetSocketAddress outside = known.received.get(0).from();

        otherPort.send(outside, new byte[2]);
        stranger.send(outside, new byte[3]);
        known.send(new InetSocketAddress(nat.outsideAddress(), outside.getPort() ^ 1), new byte[4]);
        network.advance(Duration.ofSeconds(1));

        int letIn = switch (kind.filtering()) {
            case ENDPOINT_INDEPENDENT -> 2;
            case ADDRESS_DEPENDENT -> 1;
            case ADDRESS_AND_PORT_DEPENDENT -> 0;
        };
        assertThat(inside.received).hasSize(letIn);
        assertThat(network.statistics().dropped().getOrDefault(DropCause.NAT_FILTERED, 0L))
                .isEqualTo(2 - letIn);
        assertThat(network.statistics().dropped()).containsEntry(DropCause.NO_NAT_MAPPING, 1L);
    }

    @Test
    void twoClientsBehindTheSameNatAreTwoPeers() {
        SimulatedNat nat = network.nat("nat", NatSettings.PORT_RESTRICTED);
        PeerConnection one = connect(network, client(nat.host("one")), server, "s");
        PeerConnection two = connect(network, client(nat.host("two")), server, "s");

        assertEcho(network, one);
        assertEcho(network, two);
        assertThat(nat.mappings()).isEqualTo(2);
    }

    @Test
    void aClientBehindANatBehindANatIsSeenWithTheOuterAddress() {
        SimulatedNat outer = network.nat("outer", NatSettings.SYMMETRIC);
        SimulatedNat inner = outer.nat("inner", NatSettings.PORT_RESTRICTED);
        List<InetSocketAddress> seen = new ArrayList<>();
        network.onEvent(event -> {
            if (event instanceof SimulationEvent.Arrived it && it.host().equals("s")) {
                seen.add(it.from());
            }
        });

        assertEcho(network, connect(network, client(inner.host("a")), server, "s"));

        assertThat(seen).extracting(InetSocketAddress::getAddress).containsOnly(outer.outsideAddress());
        assertThat(outer.mappings()).isEqualTo(1);
        assertThat(inner.mappings()).isEqualTo(1);
    }

    @Test
    void neighboursReachOneAnotherByPrivateAddressesAndByTheOutsideOnesOnlyWithHairpinning() {
        SimulatedNat nat = network.nat("nat", NatSettings.FULL_CONE);
        RawSocket one = RawSocket.bind(network, nat.host("one"), 1);
        RawSocket two = RawSocket.bind(network, nat.host("two"), 2);
        RawSocket outside = RawSocket.bind(network, s, 3);
        two.send(outside.address(), new byte[1]);
        network.advance(Duration.ofSeconds(1));
        InetSocketAddress twoSeen = outside.received.get(0).from();

        one.send(two.address(), new byte[2]);
        one.send(twoSeen, new byte[3]);
        network.advance(Duration.ofSeconds(1));
        assertThat(two.received).hasSize(1);
        assertThat(network.statistics().dropped()).containsEntry(DropCause.NAT_FILTERED, 1L);

        nat.change(NatSettings.FULL_CONE.hairpin(true));
        one.send(twoSeen, new byte[4]);
        network.advance(Duration.ofSeconds(1));
        assertThat(two.received).hasSize(2);
        assertThat(two.received.get(1).from().getAddress()).isEqualTo(nat.outsideAddress());
    }

    @Test
    void aPrivateAddressIsOutOfReachFromOutside() {
        RawSocket inside = RawSocket.bind(
                network, network.nat("nat", NatSettings.FULL_CONE).host("a"), 1);
        RawSocket outside = RawSocket.bind(network, s, 3);

        outside.send(inside.address(), new byte[1]);
        network.advance(Duration.ofSeconds(1));

        assertThat(inside.received).isEmpty();
        assertThat(network.statistics().dropped()).containsEntry(DropCause.NO_ROUTE, 1L);
    }

    @Test
    void aMappingExpires() {
        SimulatedNat nat = network.nat("nat", NatSettings.FULL_CONE.mappingTimeout(Duration.ofSeconds(30)));
        RawSocket inside = RawSocket.bind(network, nat.host("a"), 1);
        RawSocket outside = RawSocket.bind(network, s, 3);
        inside.send(outside.address(), new byte[1]);
        network.advance(Duration.ofSeconds(1));
        InetSocketAddress seen = outside.received.get(0).from();
        network.advance(Duration.ofSeconds(28));
        outside.send(seen, new byte[1]);
        network.advance(Duration.ofMillis(100));
        assertThat(inside.received).hasSize(1);

        network.advance(Duration.ofSeconds(2));
        outside.send(seen, new byte[1]);
        network.advance(Duration.ofSeconds(1));
        assertThat(inside.received).hasSize(1);
        assertThat(network.statistics().dropped()).containsEntry(DropCause.NO_NAT_MAPPING, 1L);
        assertThat(nat.mappings()).isZero();
    }

    @Test
    void aPartitionReachesThroughANat() {
        SimulatedHost a = network.nat("nat", NatSettings.PORT_RESTRICTED).host("a");
        RawSocket inside = RawSocket.bind(network, a, 1);
        RawSocket outside = RawSocket.bind(network, s, 3);
        inside.send(outside.address(), new byte[1]);
        network.advance(Duration.ofSeconds(1));

        network.partition(List.of(a), List.of(s));
        inside.send(outside.address(), new byte[1]);
        outside.send(outside.received.get(0).from(), new byte[1]);
        network.advance(Duration.ofSeconds(1));

        assertThat(inside.received).isEmpty();
        assertThat(outside.received).hasSize(1);
        assertThat(network.statistics().dropped()).containsEntry(DropCause.PARTITION, 2L);
    }
}
