package dev.tether.core.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.NatBehaviour;
import dev.tether.core.TransportSettings;
import dev.tether.core.connection.Connection;
import dev.tether.core.frame.IntroductionFrame;
import dev.tether.core.frame.IntroductionFrame.Answer;
import dev.tether.core.frame.IntroductionFrame.Introduce;
import dev.tether.core.frame.IntroductionFrame.Introduced;
import dev.tether.core.frame.IntroductionFrame.Introduction;
import dev.tether.core.frame.IntroductionStatus;
import dev.tether.core.frame.PunchNonce;
import dev.tether.core.frame.PunchOffer;
import dev.tether.core.simulation.SeededRandom;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The frames of introductions between two engines, in virtual time. docs/PROTOCOL.md, sections 8.13 to 8.16. */
class IntroductionExchangeTest {

    private static final long SECOND = 1_000_000_000L;
    private static final int SEEDS = 50;
    private static final int FRAMES = 20;
    private static final TransportSettings SETTINGS = TransportSettings.defaults();

    private final SeededRandom random = new SeededRandom(7);
    private final LossyNetwork network = new LossyNetwork(random, LossyNetwork.Faults.NONE);
    private final EnginePeer here = new EnginePeer(network, 1, random, SETTINGS);
    private final EnginePeer there = new EnginePeer(network, 2, random, SETTINGS);

    @AfterEach
    void releaseAll() {
        here.releaseAll();
        there.releaseAll();
    }

    @Test
    void everyFrameArrivesWhateverThePathLoses() {
        for (long seed = 0; seed < SEEDS; seed++) {
            SeededRandom own = new SeededRandom(seed);
            LossyNetwork lossy = new LossyNetwork(own, LossyNetwork.Faults.NONE);
            EnginePeer a = new EnginePeer(lossy, 1, own, SETTINGS);
            EnginePeer b = new EnginePeer(lossy, 2, own, SETTINGS);
            Connection sender = a.connect(b).connection;
            lossy.run(SECOND);
            Connection receiver = b.established().connection;
            lossy.setFaults(LossyNetwork.Faults.drawn(own));
            Set<IntroductionFrame> sent = new HashSet<>();
            Set<IntroductionFrame> received = new HashSet<>();
            for (int i = 0; i < FRAMES; i++) {
                IntroductionFrame frame = frame(i, a, own);
                assertThat(sender.introductions().offer(frame)).isTrue();
                sent.add(frame);
                a.pump(lossy.nowNs());
                lossy.run(own.nextInt(50_000_000));
                received.addAll(received(receiver));
            }
            for (int i = 0; i < 60 && received.size() < FRAMES; i++) {
                lossy.run(SECOND);
                received.addAll(received(receiver));
            }
            assertThat(received).as("seed %d", seed).isEqualTo(sent);
            a.releaseAll();
            b.releaseAll();
        }
    }

    @Test
    void framesThatNobodyPollsAreBounded() {
        Connection sender = connect();
        int sent = 0;
        for (int i = 0; i < 10; i++) {
            for (int j = 0; j < FRAMES; j++) {
                sent += sender.introductions().offer(Answer.refusal(i)) ? 1 : 0;
            }
            here.pump(network.nowNs());
            network.run(SECOND);
        }
        assertThat(sent).isEqualTo(10 * FRAMES);
        Connection receiver = there.established().connection;
        assertThat(received(receiver)).hasSize(32);
        assertThat(receiver.counters().introductionsDropped).isEqualTo(10 * FRAMES - 32);
    }

    @Test
    void nothingIsTakenBeforeTheConnectionIsOpenOrAfterItsEnd() {
        Connection connection = here.connect(there).connection;
        assertThat(connection.introductions().offer(Answer.refusal(1))).isFalse();
        assertThat(connection.introductions().poll()).isNull();
        network.run(SECOND);
        assertThat(connection.introductions().offer(Answer.refusal(1))).isTrue();
        connection.close(0, "", network.nowNs());
        assertThat(connection.introductions().offer(Answer.refusal(1))).isFalse();
    }

    private Connection connect() {
        Connection connection = here.connect(there).connection;
        network.run(SECOND);
        return connection;
    }

    private static IntroductionFrame frame(int number, EnginePeer peer, SeededRandom random) {
        PunchOffer offer = new PunchOffer(
                PunchNonce.draw(random),
                NatBehaviour.NONE,
                List.of(new InetSocketAddress("192.0.2.1", 1 + number), new InetSocketAddress("2001:db8::1", 1)));
        return switch (number % 4) {
            case 0 -> new Introduce(number, peer.identity(), offer);
            case 1 -> new Introduction(number, peer.identity(), offer);
            case 2 -> new Answer(number, true, offer);
            default -> new Introduced(number, IntroductionStatus.ACCEPTED, offer);
        };
    }

    private static List<IntroductionFrame> received(Connection connection) {
        List<IntroductionFrame> frames = new ArrayList<>();
        for (IntroductionFrame next = connection.introductions().poll();
                next != null;
                next = connection.introductions().poll()) {
            frames.add(next);
        }
        return frames;
    }
}
