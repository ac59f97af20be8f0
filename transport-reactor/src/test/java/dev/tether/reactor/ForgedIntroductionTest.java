package dev.tether.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.NatBehaviour;
import dev.tether.core.PeerAddress;
import dev.tether.core.PeerIdentity;
import dev.tether.core.frame.IntroductionFrame.Answer;
import dev.tether.core.frame.IntroductionFrame.Introduced;
import dev.tether.core.frame.IntroductionFrame.Introduction;
import dev.tether.core.frame.IntroductionStatus;
import dev.tether.core.frame.PunchNonce;
import dev.tether.core.frame.PunchOffer;
import dev.tether.core.noise.KeyPair;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.reactor.simulation.SimulatedHost;
import dev.tether.reactor.simulation.SimulatedNetwork;
import dev.tether.reactor.simulation.SimulationEvent;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** What a peer can do with frames of introductions that nobody has asked for, and a gateway with its power. docs/PROTOCOL.md, section 16. */
class ForgedIntroductionTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final SimulatedNetwork network = SimulatedNetwork.create(5);
    private final SimulatedHost victim = network.host("victim");
    private final TransportNode gateway =
            bind("g", ReactiveTransport.create().port(4433).gateway(true));
    private final TransportNode target =
            bind("t", ReactiveTransport.create().port(4433).gateways(gateway.addressAs("g")));
    private final InetSocketAddress victimsAddress = new InetSocketAddress(victim.address(), 7777);
    private int sentToVictim;
    private int bytesToVictim;

    ForgedIntroductionTest() {
        network.onEvent(event -> {
            if (event instanceof SimulationEvent.Sent sent && sent.to().equals(victimsAddress)) {
                sentToVictim++;
                bytesToVictim += sent.datagram().length;
            }
        });
        network.advance(SECOND);
    }

    @AfterEach
    void nothingThrowsAndNothingLeaks() {
        assertThat(network.failures()).isEmpty();
        assertThat(network.datagramBytes()).isZero();
    }

    /** Only a node's own gateways introduce anybody to it. */
    @Test
    void anIntroductionByAPeerThatIsNoGatewayOfTheTargetIsRefused() {
        TransportNode liar = bind("l", ReactiveTransport.create());
        ReactivePeerConnection connection = connect(liar, target.addressAs("t"));
        connection.offerIntroduction(introduction(1, nobody(1)));
        connection.offerIntroduction(new Answer(1, true, offer(1)));
        connection.offerIntroduction(new Introduced(1, IntroductionStatus.ACCEPTED, offer(1)));
        network.advance(Duration.ofSeconds(10));

        assertThat(sentToVictim).isZero();
        assertAlive(connection);
    }

    /** An answer that nobody waits for, with an id that may have been used, is one more stray frame. */
    @Test
    void answersThatNobodyHasAskedForChangeNothingAtAGatewayAndAtItsPeers() {
        ReactivePeerConnection connection = connect(target, gateway.addressAs("g"));
        for (long id = 0; id < 50; id++) {
            connection.offerIntroduction(new Answer(id, true, offer(id)));
            connection.offerIntroduction(new Introduced(id, IntroductionStatus.ACCEPTED, offer(id)));
        }
        network.advance(Duration.ofSeconds(10));

        assertThat(sentToVictim).isZero();
        assertAlive(connection);
    }

    /** The same introduction again, from a gateway that is trusted or has lost its memory, is the same attempt. */
    @Test
    void aReplayedIntroductionIsAnsweredAgainAndStartsNothing() {
        ReactivePeerConnection connection = atGateway();
        connection.offerIntroduction(introduction(1, nobody(1)));
        network.advance(Duration.ofSeconds(10));
        int once = bytesToVictim;
        assertThat(once).isPositive();
        for (int i = 0; i < 30; i++) {
            connection.offerIntroduction(introduction(1, nobody(1)));
        }
        network.advance(Duration.ofMillis(100));
        for (int i = 0; i < 30; i++) {
            connection.offerIntroduction(introduction(i, nobody(1)));
        }
        network.advance(Duration.ofSeconds(10));

        assertThat(bytesToVictim).isLessThanOrEqualTo(2 * once + 200);
        assertAlive(connection);
    }

    /** What even a gateway can aim at somebody who has no part in it: docs/PROTOCOL.md, section 12.2, "Limits". */
    @Test
    void aGatewayThatLiesAboutAddressesGetsFewBytesForEachLie() {
        ReactivePeerConnection connection = atGateway();
        connection.offerIntroduction(introduction(1, nobody(1)));
        network.advance(Duration.ofSeconds(20));

        assertThat(sentToVictim).isPositive();
        assertThat(bytesToVictim).isLessThanOrEqualTo(4096);
    }

    /** However many it makes up. */
    @Test
    void aGatewayThatMakesUpRequestersIsRefusedBeyondALimit() {
        ReactivePeerConnection connection = atGateway();
        for (int i = 0; i < 1000; i++) {
            connection.offerIntroduction(introduction(i, nobody(i)));
            network.advance(Duration.ofMillis(5));
        }
        network.advance(Duration.ofSeconds(20));

        assertThat(bytesToVictim).isLessThanOrEqualTo(256 * 4096);
        assertAlive(connection);
        assertThat(connect(bind("c", ReactiveTransport.create().gateways(gateway.addressAs("g"))), target.identity())
                        .remoteIdentity())
                .isEqualTo(target.identity());
    }

    @Test
    void aNodeThatIsNoGatewayDeclines() {
        TransportNode a = bind("a", ReactiveTransport.create().gateways(target.addressAs("t")));
        List<Throwable> failures = new ArrayList<>();
        network.advance(SECOND);
        a.connect(PeerAddress.of(gateway.identity())).subscribe(it -> {}, failures::add);
        network.advance(SECOND);

        assertThat(failures).singleElement().asString().contains("introduce nobody");
    }

    private ReactivePeerConnection atGateway() {
        // Of the node that is the gateway, by the key of one of its peers.
        return connect(gateway, target.identity());
    }

    private void assertAlive(PeerConnection connection) {
        List<Object> answers = new ArrayList<>();
        connection.ping().subscribe(answers::add);
        network.advance(SECOND);
        assertThat(answers).hasSize(1);
    }

    private ReactivePeerConnection connect(TransportNode from, PeerIdentity to) {
        return connect(from, PeerAddress.of(to));
    }

    private ReactivePeerConnection connect(TransportNode from, PeerAddress to) {
        network.advance(SECOND);
        Mono<PeerConnection> connecting = from.connect(to);
        return (ReactivePeerConnection) Objects.requireNonNull(network.await(connecting, Duration.ofSeconds(9)));
    }

    private TransportNode bind(String name, ReactiveTransport transport) {
        return transport
                .runOn(network.host(name))
                .identity(KeyPair.generate(new SeededRandom(3).split(name)))
                .handle(PeerConnection::onClose)
                .bindNow();
    }

    private static PeerIdentity nobody(int number) {
        return KeyPair.generate(new SeededRandom(4).split("nobody" + number)).identity();
    }

    private Introduction introduction(long id, PeerIdentity requester) {
        return new Introduction(id, requester, offer(requester.hashCode()));
    }

    private PunchOffer offer(long nonce) {
        return new PunchOffer(new PunchNonce(nonce, 1), NatBehaviour.NONE, List.of(victimsAddress));
    }
}
