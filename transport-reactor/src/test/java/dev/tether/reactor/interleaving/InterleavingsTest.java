package dev.tether.reactor.interleaving;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class InterleavingsTest {

    private final Set<String> histories = new HashSet<>();
    private int checks;

    @Test
    void everyOrderOfConflictingAccessesIsRunOnce() {
        Exploration explored = explore(List.of("x x", "x x", "x"));

        assertThat(explored.violation()).isNull();
        assertThat(explored.runs()).isEqualTo(30);
        assertThat(histories).as("5! / (2! 2! 1!)").hasSize(30);
    }

    @Test
    void ordersThatDifferInIndependentAccessesAreOne() {
        Exploration explored = explore(List.of("a a a", "b b b", "c c c"));

        assertThat(explored.runs()).isOne();
    }

    @Test
    void whatIsSharedInPartIsExploredInThat() {
        Exploration explored = explore(List.of("a x a", "b x b", "c c"));

        assertThat(explored.runs()).isEqualTo(2);
        assertThat(checks).as("one more to learn of x").isEqualTo(3);
    }

    @Test
    void aWaitEndsWhenItsConditionHoldsOrNothingElseHappens() {
        List<Boolean> came = new ArrayList<>();
        Exploration explored = Interleavings.explore(() -> new Scenario() {
            private int x;

            @Override
            public List<Runnable> threads() {
                return List.of(
                        () -> {
                            came.add(Interleavings.await("x", () -> x == 1));
                            came.add(Interleavings.await("x", () -> x == 2));
                        },
                        () -> {
                            Interleavings.access("x", true, "");
                            x++;
                        });
            }

            @Override
            public void check() {
                assertThat(came).containsExactly(true, false);
                came.clear();
            }
        });

        assertThat(explored.violation()).isNull();
    }

    @Test
    void anErrorOfAThreadIsAViolation() {
        Exploration explored = explore(List.of("x", "x error"));

        assertThat(explored.violation()).hasMessageContaining("error of thread 1");
    }

    @Test
    void twoThreadsAtWhatIsOneThreadsAreAViolation() {
        Exploration explored = explore(List.of("alone", "a alone"));

        assertThat(explored.violation()).hasMessageContaining("two threads at once: alone");
    }

    /** Each thread accesses what it is given, in its order. */
    private Exploration explore(List<String> threads) {
        return Interleavings.explore(() -> new Scenario() {
            private final StringBuilder history = new StringBuilder();

            @Override
            public List<Runnable> threads() {
                List<Runnable> bodies = new ArrayList<>();
                for (int i = 0; i < threads.size(); i++) {
                    int number = i;
                    bodies.add(() -> run(number, threads.get(number)));
                }
                return bodies;
            }

            private void run(int number, String accesses) {
                for (String what : accesses.split(" ", -1)) {
                    if (what.equals("error")) {
                        throw new IllegalStateException("error of thread " + number);
                    }
                    Interleavings.access(what, true, what.equals("alone") ? what : "");
                    history.append(number);
                }
            }

            @Override
            public void check() {
                checks++;
                histories.add(history.toString());
            }
        });
    }
}
