package dev.tether.core.path;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.path.PunchRun.Host;
import dev.tether.core.path.PunchRun.Surroundings;
import dev.tether.core.simulation.Jitter;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.core.simulation.NatSettings;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Who reaches whom: docs/PROTOCOL.md, section 12.2, over the simulated translators of RFC 4787. */
class PunchMatrixTest {

    private static final int SEEDS = 200;
    private static final LinkSettings LINK = PunchRun.link(100, 0.1);

    /** What lets in only whom it has sent to, port and all: it does not know the port that a symmetric one will come from. */
    private static final Set<Surroundings> CLOSED_TO_SYMMETRIC =
            EnumSet.of(Surroundings.PORT_RESTRICTED, Surroundings.SYMMETRIC, Surroundings.NESTED);

    static Stream<Arguments> pairs() {
        return Stream.of(Surroundings.values())
                .flatMap(requester -> Stream.of(Surroundings.values())
                        .map(target -> Arguments.of(requester, target, canBePunched(requester, target))));
    }

    private static boolean canBePunched(Surroundings a, Surroundings b) {
        return !(a == Surroundings.SYMMETRIC && CLOSED_TO_SYMMETRIC.contains(b)
                || b == Surroundings.SYMMETRIC && CLOSED_TO_SYMMETRIC.contains(a));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void peersReachEachOther(Surroundings requester, Surroundings target, boolean possible) {
        for (long seed = 0; seed < SEEDS; seed++) {
            PunchRun run = PunchRun.between(requester, target, LINK, seed).run();
            if (possible) {
                assertReached(run, run.requester, run.target, seed);
                assertReached(run, run.target, run.requester, seed);
            } else {
                assertThat(List.of(run.requester.result(), run.target.result()))
                        .as("seed %d", seed)
                        .allMatch(PunchResult.NotReached.class::isInstance);
                assertThat(run.requester.tookNs()).as("seed %d", seed).isEqualTo(PunchSession.TIMEOUT_NS);
                assertThat(run.target.tookNs()).as("seed %d", seed).isEqualTo(PunchSession.TIMEOUT_NS);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void aWildPathKeepsNoneApartThatCanMeet(Surroundings requester, Surroundings target, boolean possible) {
        LinkSettings wild = LINK.jitter(Jitter.uniform(Duration.ofMillis(80)))
                .duplication(0.2)
                .reordering(0.2)
                .corruption(0.1)
                .truncation(0.05);
        for (long seed = 0; seed < SEEDS / 10; seed++) {
            PunchRun run = PunchRun.between(requester, target, wild, seed).run();
            for (Host host : List.of(run.requester, run.target)) {
                assertThat(host.result() instanceof PunchResult.Reached)
                        .as("seed %d: %s", seed, host.result())
                        .isEqualTo(possible);
            }
        }
    }

    /** Neighbours behind a translator that does not connect its own hosts use the network that they share. */
    @Test
    void neighboursMeetInTheirOwnNetwork() {
        for (NatSettings settings : List.of(NatSettings.PORT_RESTRICTED, NatSettings.SYMMETRIC.hairpin(true))) {
            for (long seed = 0; seed < SEEDS; seed++) {
                PunchRun run = PunchRun.behindOne(List.of(settings), PunchRun.link(1, 0), seed)
                        .run();
                assertThat(((PunchResult.Reached) run.requester.result()).address())
                        .as("seed %d", seed)
                        .isEqualTo(run.target.inside);
                assertThat(((PunchResult.Reached) run.target.result()).address())
                        .as("seed %d", seed)
                        .isEqualTo(run.requester.inside);
            }
        }
    }

    /** No seed of the matrix needs nearly as long as an attempt may take, nor as many datagrams. */
    @Test
    void anAttemptIsCheap() {
        for (long seed = 0; seed < SEEDS; seed++) {
            PunchRun run = PunchRun.between(Surroundings.PORT_RESTRICTED, Surroundings.PORT_RESTRICTED, LINK, seed)
                    .run();
            for (Host host : List.of(run.requester, run.target)) {
                PunchCounters counters = counters(host);
                assertThat(counters.probesSent + counters.repliesSent)
                        .as("seed %d", seed)
                        .isLessThan(60);
            }
        }
    }

    private static PunchCounters counters(Host host) {
        PunchSession session = host.session;
        if (session == null) {
            throw new AssertionError("it has not begun");
        }
        return session.counters();
    }

    private static void assertReached(PunchRun run, Host from, Host to, long seed) {
        assertThat(from.result()).as("seed %d", seed).isInstanceOf(PunchResult.Reached.class);
        assertThat(from.tookNs()).as("seed %d", seed).isLessThan(2 * PunchRun.SECOND);
        assertThat(run.delivers(from, to))
                .as("seed %d: what is sent to the address found arrives", seed)
                .isTrue();
    }
}
