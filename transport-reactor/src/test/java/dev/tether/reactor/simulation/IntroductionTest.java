package dev.tether.reactor.simulation;

import static dev.tether.reactor.simulation.Peers.assertEcho;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.ConnectionState;
import dev.tether.core.NatBehaviour;
import dev.tether.core.PeerAddress;
import dev.tether.core.PeerIdentity;
import dev.tether.core.error.ChannelClosedException;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.error.ConnectionEstablishmentException.Reason;
import dev.tether.core.error.ConnectionLostException;
import dev.tether.core.simulation.NatSettings;
import dev.tether.reactor.EndedConnection;
import dev.tether.reactor.LinkState;
import dev.tether.reactor.NetworkState;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.PeerLink;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** Peers that know each other's keys, and a gateway. docs/PROTOCOL.md, section 12.1. */
class IntroductionTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final SimulatedNetwork network = SimulatedNetwork.create(31);
    private final SimulatedHost g1 = network.host("g1");
    private final SimulatedHost g2 = network.host("g2");
    private final List<PeerAddress> gateways =
            List.of(gateway(g1).addressAs("g1"), gateway(g2).addressAs("g2"));

    @AfterEach
    void nothingThrowsAndNothingLeaks() {
        assertThat(network.failures()).isEmpty();
        assertThat(network.datagramBytes()).isZero();
    }

    @Test
    void peersBehindNatsConnectByTheirKeysAndNeedTheGatewayNoMore() {
        TransportNode a = peer(nat("na").host("a"));
        TransportNode b = peer(nat("nb").host("b"));
        ready(a, b);

        PeerConnection connection = connect(a, b);
        g1.crash();
        g2.crash();
        assertEcho(network, connection);

        assertThat(connection.remoteIdentity()).isEqualTo(b.identity());
    }

    @Test
    void aGatewayCountsWhatItIsAskedForAndWhatCameOfIt() {
        TransportNode gateway = gateway(network.host("g3"));
        List<PeerAddress> one = List.of(gateway.addressAs("g3"));
        TransportNode a = peer(network.host("a"), one);
        TransportNode b = peer(network.host("b"), one);
        network.advance(SECOND);
        connect(a, b);
        failure(a, Peers.identity("nobody").identity());

        assertThat(gateway.statistics().block().introductionRequests()).isEqualTo(2);
        assertThat(gateway.statistics().block().introductions()).isEqualTo(1);
    }

    @Test
    void peersOfOneNetworkUseTheirOwnAddresses() {
        for (boolean hairpin : new boolean[] {false, true}) {
            SimulatedNat nat = network.nat("nat" + hairpin, NatSettings.PORT_RESTRICTED.hairpin(hairpin));
            SimulatedHost there = nat.host("b" + hairpin);
            TransportNode a = peer(nat.host("a" + hairpin));
            TransportNode b = peer(there);
            ready(a, b);

            assertThat(connect(a, b).remoteAddress().getAddress()).isEqualTo(there.address());
        }
    }

    @Test
    void ipv6AndIpv4PeersAreIntroducedEachInTheirFamily() throws UnknownHostException {
        SimulatedHost g6 = network.host("g6", InetAddress.getByName("2001:db8::1"));
        List<PeerAddress> both = List.of(gateways.get(0), gateway(g6).addressAs("g6"));
        TransportNode a = peer(network.host("a", InetAddress.getByName("2001:db8::a")), both);
        TransportNode b = peer(network.host("b", InetAddress.getByName("2001:db8::b")), both);
        network.advance(SECOND);

        assertThat(connect(a, b).remoteAddress().getAddress()).isEqualTo(InetAddress.getByName("2001:db8::b"));
    }

    @Test
    void attemptsForOnePeerShareOneSearch() {
        TransportNode a = peer(nat("na").host("a"));
        TransportNode b = peer(nat("nb").host("b"));
        ready(a, b);
        List<PeerConnection> connected = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            a.connect(key(b)).subscribe(connected::add);
            network.advance(Duration.ofMillis(7));
        }
        network.advance(SECOND);

        assertThat(connected).hasSize(5);
        assertThat(connected.stream().distinct()).hasSize(1);
    }

    @Test
    void peersThatLookForEachOtherAtOnceGetOneConnection() {
        TransportNode a = peer(nat("na").host("a"));
        TransportNode b = peer(nat("nb").host("b"));
        ready(a, b);
        List<PeerConnection> atA = new ArrayList<>();
        List<PeerConnection> atB = new ArrayList<>();
        a.connect(key(b)).subscribe(atA::add);
        b.connect(key(a)).subscribe(atB::add);
        network.advance(Duration.ofSeconds(3));

        assertThat(atA).hasSize(1);
        assertThat(atB).hasSize(1);
        network.advance(Duration.ofMinutes(1));
        assertThat(a.statistics().block().connections()).isEqualTo(3);
        assertThat(b.statistics().block().connections()).isEqualTo(3);
    }

    @Test
    void aGatewayThatDiesInTheMiddleIsReplaced() {
        TransportNode a = peer(nat("na").host("a"));
        TransportNode b = peer(nat("nb").host("b"));
        ready(a, b);
        List<PeerConnection> connected = new ArrayList<>();
        g1.crash();
        a.connect(key(b)).subscribe(connected::add);
        network.advance(Duration.ofSeconds(2));

        assertThat(connected).hasSize(1);
    }

    @Test
    void withoutAnyGatewayLeftTheCauseIsTypedAndConnectionsStay() {
        TransportNode a = peer(nat("na").host("a"));
        TransportNode b = peer(nat("nb").host("b"));
        TransportNode c = peer(nat("nc").host("c"));
        ready(a, b, c);
        PeerConnection established = connect(a, c);
        List<Throwable> failures = new ArrayList<>();
        a.connect(key(b)).subscribe(it -> {}, failures::add);
        network.advance(Duration.ofMillis(5));
        g1.crash();
        g2.crash();
        network.advance(Duration.ofSeconds(11));

        assertThat(failures).singleElement().isInstanceOf(ConnectionEstablishmentException.class);
        assertThat(reason(failures)).isEqualTo(Reason.NO_GATEWAY);
        assertEcho(network, established);
    }

    @Test
    void aKeyThatNoGatewayKnowsIsSaidToBeUnknown() {
        TransportNode a = peer(nat("na").host("a"));
        ready(a);

        assertThat(failure(a, Peers.identity("nobody").identity())).isEqualTo(Reason.UNKNOWN_PEER);
    }

    @Test
    void aPeerThatDoesNotConsentIsNotReached() {
        TransportNode a = peer(nat("na").host("a"));
        TransportNode b =
                peer(nat("nb").host("b"), gateways, it -> it.acceptIntroductions(who -> !who.equals(a.identity())));
        TransportNode c = peer(nat("nc").host("c"));
        ready(a, b, c);

        assertThat(failure(a, b.identity())).isEqualTo(Reason.REFUSED);
        assertThat(connect(c, b).remoteIdentity()).isEqualTo(b.identity());
    }

    @Test
    void anIntroducedPeerThatNeverAnswersCostsOneTypedErrorAndNothingElse() {
        SimulatedHost silent = nat("nb").host("b");
        TransportNode a = peer(nat("na").host("a"));
        TransportNode b = peer(silent);
        TransportNode c = peer(nat("nc").host("c"));
        ready(a, b, c);
        PeerConnection established = connect(a, c);
        silent.suspend();

        assertThat(failure(a, b.identity())).isEqualTo(Reason.TIMED_OUT);
        assertEcho(network, established);
        silent.resume();
    }

    @Test
    void aFloodOfRequestsIsHeldBackAndHindersNobodyElse() {
        TransportNode flooding = peer(nat("na").host("a"));
        TransportNode b = peer(nat("nb").host("b"));
        TransportNode c = peer(nat("nc").host("c"));
        ready(flooding, b, c);
        List<Throwable> failures = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            flooding.connect(PeerAddress.of(Peers.identity("nobody" + i).identity()))
                    .subscribe(it -> {}, failures::add);
        }
        network.advance(Duration.ofMillis(50));
        assertThat(connect(b, c).remoteIdentity()).isEqualTo(c.identity());
        network.advance(Duration.ofSeconds(11));

        assertThat(failures).hasSize(300);
        assertThat(failures.stream()
                        .map(failure -> ((ConnectionEstablishmentException) failure).reason())
                        .distinct())
                .containsExactlyInAnyOrder(Reason.UNKNOWN_PEER, Reason.OVERLOADED);
        assertThat(connect(flooding, b).remoteIdentity()).isEqualTo(b.identity());
    }

    @Test
    void aNodeThatIsNoGatewaySaysSo() {
        TransportNode plain = Peers.server(network.host("plain"));
        TransportNode a = peer(nat("na").host("a"), List.of(plain.addressAs("plain")));
        network.advance(SECOND);

        assertThat(failure(a, Peers.identity("b").identity())).isEqualTo(Reason.NO_GATEWAY);
    }

    @Test
    void aKeyAloneIsEnoughForAPeerThatIsConnectedAndForAGateway() {
        TransportNode server = Peers.server(network.host("s"));
        TransportNode a = peer(network.host("a"));
        ready(a);
        PeerConnection connection = network.await(a.connect(server.addressAs("s")), Peers.LIMIT);

        assertThat(network.await(a.connect(key(server)), Peers.LIMIT)).isSameAs(connection);
        assertThat(network.await(a.connect(PeerAddress.of(gateways.get(0).identity())), Peers.LIMIT))
                .isNotNull();
        TransportNode alone = Peers.client(network.host("alone"));
        assertThat(failure(alone, server.identity())).isEqualTo(Reason.NO_GATEWAY);
        assertThat(failure(alone, alone.identity())).isEqualTo(Reason.REFUSED);
    }

    @Test
    void aPeerThatIsNotWhereItWasSaidToBeIsFound() {
        TransportNode a = peer(nat("na").host("a"));
        TransportNode b = peer(nat("nb").host("b"));
        ready(a, b);
        network.host("empty");
        List<PeerConnection> connected = new ArrayList<>();
        a.connect(PeerAddress.of(b.identity(), "empty", 9)).subscribe(connected::add);
        network.advance(Duration.ofSeconds(2));

        assertThat(connected).hasSize(1);
        assertEcho(network, connected.get(0));
    }

    /** The introduction would be seen by the peer's consent. */
    @Test
    void aPeerThatAnswersWhereItIsSaidToBeNeedsNoIntroduction() {
        List<Object> asked = new ArrayList<>();
        TransportNode a = peer(nat("na").host("a"));
        TransportNode b = peer(network.host("b"), gateways, it -> it.acceptIntroductions(asked::add));
        ready(a, b);

        assertThat(network.await(a.connect(b.addressAs("b")), Peers.LIMIT)).isNotNull();
        network.advance(SECOND);
        assertThat(asked).isEmpty();
    }

    @Test
    void aPeerThatIsNowhereFailsWithBothCauses() {
        TransportNode a = peer(nat("na").host("a"));
        ready(a);
        network.host("empty");
        List<Throwable> failures = new ArrayList<>();
        a.connect(PeerAddress.of(Peers.identity("nobody").identity(), "empty", 9))
                .subscribe(it -> {}, failures::add);
        network.advance(Duration.ofSeconds(11));

        assertThat(reason(failures)).isEqualTo(Reason.TIMED_OUT);
        assertThat(reason(List.of(failures.get(0).getSuppressed()))).isEqualTo(Reason.UNKNOWN_PEER);
    }

    @Test
    void aSearchThatNobodyWaitsForEndsAndTheNextOneSucceeds() {
        TransportNode a = peer(nat("na").host("a"));
        TransportNode b = peer(nat("nb").host("b"));
        ready(a, b);
        for (int ms : new int[] {1, 15, 25, 35, 45, 60, 80, 100, 110, 120, 130}) {
            List<PeerConnection> connected = new ArrayList<>();
            Disposable call = a.connect(key(b)).subscribe(connected::add);
            network.advance(Duration.ofMillis(ms));
            call.dispose();
            network.advance(Duration.ofSeconds(2));
            assertThat(b.statistics().block().connections())
                    .as("after %d ms", ms)
                    .isEqualTo(2 + connected.size());
            connected.forEach(connection -> connection.close().subscribe());
            network.advance(Duration.ofSeconds(20));
        }

        assertEcho(network, connect(a, b));
    }

    @Test
    void aNodeThatClosesWhileItLooksForAPeerTellsItsCallers() {
        TransportNode a = peer(nat("na").host("a"));
        TransportNode b = peer(nat("nb").host("b"));
        ready(a, b);
        List<Throwable> failures = new ArrayList<>();
        List<NetworkState> states = new ArrayList<>();
        boolean[] completed = new boolean[1];
        a.network().subscribe(states::add, failures::add, () -> completed[0] = true);
        a.connect(key(b)).subscribe(it -> {}, failures::add);
        network.advance(Duration.ofMillis(45));
        a.close().subscribe();
        network.advance(Duration.ofSeconds(3));

        assertThat(failures).singleElement().isInstanceOf(ChannelClosedException.class);
        assertThat(completed[0]).isTrue();
    }

    @Test
    void peersReturnToAGatewayThatHasRestarted() {
        TransportNode a = peer(nat("na").host("a"), gateways.subList(0, 1));
        TransportNode b = peer(nat("nb").host("b"), gateways.subList(0, 1));
        network.advance(SECOND);
        g1.crash();
        network.advance(Duration.ofMinutes(5));
        g1.restart();
        gateway(g1);
        network.advance(Duration.ofSeconds(25));

        assertThat(connect(a, b).remoteIdentity()).isEqualTo(b.identity());
    }

    @Test
    void aLinkByKeyFollowsAPeerThatRestarts() {
        TransportNode a = peer(nat("na").host("a"));
        SimulatedHost there = nat("nb").host("b");
        ready(a, peer(there));
        PeerLink link = a.link(PeerAddress.of(Peers.identity("b").identity()));
        network.advance(Duration.ofSeconds(2));
        assertThat(link.state()).isInstanceOf(LinkState.Connected.class);

        there.crash();
        network.advance(Duration.ofSeconds(5));
        there.restart();
        peer(there);
        network.advance(Duration.ofMinutes(3));

        List<String> received = new ArrayList<>();
        link.receive().asString().subscribe(received::add);
        link.sendString(Mono.just("again")).subscribe();
        network.advance(Duration.ofSeconds(2));
        assertThat(received).containsExactly("again");
    }

    /** Neither NAT lets in what comes from an address that is new, so that the peers cannot find each other again on their own. */
    @Test
    void aConnectionBetweenNatsSurvivesThatOneOrBothForget() {
        SimulatedNat na = nat("na");
        SimulatedNat nb = nat("nb");
        TransportNode a = peer(na.host("a"));
        TransportNode b = peer(nb.host("b"));
        ready(a, b);
        PeerConnection connection = connect(a, b);
        InetSocketAddress before = connection.remoteAddress();
        List<ConnectionState> states = new ArrayList<>();
        connection.states().subscribe(states::add);

        na.rebind();
        assertEchoWithin(Duration.ofSeconds(5), connection);
        // Its host learns of that when it has something to send: a keep-alive at the latest.
        nb.rebind();
        assertEchoWithin(Duration.ofSeconds(25), connection);
        na.rebind();
        nb.rebind();
        assertEchoWithin(Duration.ofSeconds(25), connection);
        assertThat(connection.remoteAddress()).isNotEqualTo(before);
        assertThat(states).last().isEqualTo(new ConnectionState.Established(connection.remoteAddress()));
    }

    /** While nobody has anything to say, too: before the connection would time out. */
    @Test
    void anIdleConnectionBetweenNatsSurvivesThatOneForgets() {
        SimulatedNat na = nat("na");
        TransportNode a = peer(na.host("a"));
        TransportNode b = peer(nat("nb").host("b"));
        ready(a, b);
        PeerConnection connection = connect(a, b);
        na.rebind();
        network.advance(Duration.ofSeconds(40));

        assertThat(connection.state()).isInstanceOf(ConnectionState.Established.class);
        assertEcho(network, connection);
    }

    /** It is found at an address that the connection has never had, and that address may end it. */
    @Test
    void aPeerThatHasRestartedBehindANatThatForgotIsFoundAndSaysSo() {
        SimulatedNat nb = nat("nb");
        SimulatedHost there = nb.host("b");
        TransportNode a = peer(nat("na").host("a"));
        ready(a, peer(there));
        PeerConnection connection =
                network.await(a.connect(PeerAddress.of(Peers.identity("b").identity())), Peers.LIMIT);
        Peers.End end = Peers.endOf(connection);
        there.crash();
        nb.rebind();
        there.restart();
        peer(there);
        connection.sendString(Mono.just("hello")).subscribe(nothing -> {}, failure -> {});
        network.advance(Duration.ofSeconds(20));

        assertThat(end.as(ConnectionLostException.class).reason())
                .isEqualTo(ConnectionLostException.Reason.STATELESS_RESET);
    }

    @Test
    void aNodeKnowsItsPlaceInTheNetwork() {
        TransportNode open = peer(network.host("open"));
        TransportNode behind = peer(nat("na").host("a"));
        TransportNode symmetric = peer(network.nat("ns", NatSettings.SYMMETRIC).host("s"));
        ready(open, behind, symmetric);

        assertThat(place(open).natBehaviour()).isEqualTo(NatBehaviour.NONE);
        assertThat(place(symmetric).natBehaviour()).isEqualTo(NatBehaviour.ENDPOINT_DEPENDENT);
        NetworkState state = place(behind);
        assertThat(state.natBehaviour()).isEqualTo(NatBehaviour.ENDPOINT_INDEPENDENT);
        assertThat(state.localAddresses()).containsExactly(behindAddress(behind));
        assertThat(state.gateways())
                .extracting(NetworkState.GatewayState::address)
                .isEqualTo(gateways);
        g1.crash();
        network.advance(Duration.ofMinutes(3));
        assertThat(place(behind).connectedGateways()).isEqualTo(1);
        assertThat(place(behind).gateways().get(0).failure()).isPresent();
    }

    /** Its peers are not given to the application, so that none has to be taken from {@code connections()}. */
    @Test
    void aGatewayEndsNoConnectionOnItsOwn() {
        List<EndedConnection> ended = new ArrayList<>();
        TransportNode a = peer(nat("na").host("a"));
        a.ended().subscribe(ended::add);
        ready(a);
        network.advance(Duration.ofHours(1));

        assertThat(ended).isEmpty();
        assertThat(place(a).connectedGateways()).isEqualTo(2);
    }

    private InetSocketAddress behindAddress(TransportNode node) {
        return new InetSocketAddress(
                network.hosts().stream()
                        .filter(host -> host.name().equals("a"))
                        .findFirst()
                        .orElseThrow()
                        .address(),
                node.localAddress().getPort());
    }

    private static NetworkState place(TransportNode node) {
        return node.network().blockFirst();
    }

    private SimulatedNat nat(String name) {
        return network.nat(name, NatSettings.PORT_RESTRICTED);
    }

    private static TransportNode gateway(SimulatedHost host) {
        return ReactiveTransport.create()
                .runOn(host)
                .identity(Peers.identity(host.name()))
                .port(Peers.PORT)
                .gateway(true)
                .bindNow();
    }

    private TransportNode peer(SimulatedHost host) {
        return peer(host, gateways);
    }

    private static TransportNode peer(SimulatedHost host, List<PeerAddress> gateways) {
        return peer(host, gateways, it -> it);
    }

    private static TransportNode peer(
            SimulatedHost host, List<PeerAddress> gateways, UnaryOperator<ReactiveTransport> more) {
        return more.apply(ReactiveTransport.create())
                .runOn(host)
                .identity(Peers.identity(host.name()))
                .gateways(gateways)
                .handle(it -> it.send(it.receive().retain()))
                .bindNow();
    }

    /** Waits until both gateways know them. */
    private void ready(TransportNode... peers) {
        network.advance(SECOND);
        assertThat(Arrays.stream(peers).map(IntroductionTest::place)).allMatch(place -> place.connectedGateways() == 2);
    }

    private PeerConnection connect(TransportNode from, TransportNode to) {
        List<PeerConnection> connected = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        from.connect(key(to)).subscribe(connected::add, failures::add);
        network.advance(Duration.ofSeconds(2));
        assertThat(failures).isEmpty();
        assertThat(connected).hasSize(1);
        return connected.get(0);
    }

    private void assertEchoWithin(Duration limit, PeerConnection connection) {
        List<String> received = new ArrayList<>();
        connection.receive().asString().take(1).subscribe(received::add, failure -> {});
        connection.sendString(Mono.just("hello")).subscribe();
        network.advance(limit);
        assertThat(received).containsExactly("hello");
    }

    private static PeerAddress key(TransportNode node) {
        return PeerAddress.of(node.identity());
    }

    private Reason failure(TransportNode from, PeerIdentity to) {
        List<Throwable> failures = new ArrayList<>();
        from.connect(PeerAddress.of(to)).subscribe(it -> {}, failures::add);
        network.advance(Duration.ofSeconds(11));
        return reason(failures);
    }

    private static Reason reason(List<Throwable> failures) {
        assertThat(failures).singleElement().isInstanceOf(ConnectionEstablishmentException.class);
        return ((ConnectionEstablishmentException) failures.get(0)).reason();
    }
}
