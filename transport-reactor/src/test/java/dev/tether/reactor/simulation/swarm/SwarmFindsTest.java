package dev.tether.reactor.simulation.swarm;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Histories that once broke something, by what it was. */
class SwarmFindsTest {

    @ParameterizedTest
    @ValueSource(longs = {45, 120, 148})
    void aLostResponseIsSentAgainForACopyOfTheInitiation(long seed) {
        Swarm.check(seed);
    }

    @ParameterizedTest
    @ValueSource(longs = {1232, 2425, 5949, 7176})
    void attemptsThatCrossEndInOneConnection(long seed) {
        Swarm.check(seed);
    }

    @Test
    void anAcknowledgementAsksForNoneBeyondTheCongestionWindow() {
        Swarm.check(1166);
    }

    @ParameterizedTest
    @ValueSource(longs = {5, 13, 15})
    void anEndedConnectionGivesBackItsMemory(long seed) {
        Swarm.check(seed);
    }

    @Test
    void aClosingNodeFailsTheConnectsThatWait() {
        Swarm.check(8);
    }

    @Test
    void aClosingNodeTakesNoFurtherConnection() {
        Swarm.check(91);
    }

    @ParameterizedTest
    @ValueSource(longs = {323, 1108, 1188})
    void whatWasAskedOfASleepingHostEndsWhenItCrashes(long seed) {
        Swarm.check(seed);
    }

    @Test
    void peersWhoseNatsForgetThemAreIntroducedAgain() {
        Swarm.check(806);
    }

    @Test
    void aPeerThatHasForgottenAConnectionEndsItFromItsNewAddress() {
        Swarm.check(2833);
    }
}
