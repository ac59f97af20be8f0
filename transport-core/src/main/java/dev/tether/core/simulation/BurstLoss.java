package dev.tether.core.simulation;

/**
 * Loss in bursts, the model of Gilbert and Elliott: a link is good, where this model loses nothing, or bad. For each
 * datagram the link first changes its state or keeps it, then the state decides. So a bad state lasts for
 * {@code 1 / leave} datagrams on average, and of all datagrams the share {@code loss * enter / (enter + leave)} is lost.
 *
 * @param enter the probability that a good link turns bad at a datagram; 0 to 1, and 0 switches the model off
 * @param leave the probability that a bad link turns good at a datagram; 0 to 1, and at 0 it stays bad
 * @param loss the probability that a bad link loses a datagram; 0 to 1
 */
public record BurstLoss(double enter, double leave, double loss) {

    /** No loss in bursts. */
    public static final BurstLoss NONE = new BurstLoss(0, 1, 0);

    /** @throws IllegalArgumentException naming the value that is out of its range, and the range */
    public BurstLoss {
        Ranges.requireProbability("enter", enter);
        Ranges.requireProbability("leave", leave);
        Ranges.requireProbability("loss", loss);
    }

    boolean isOn() {
        return enter > 0 && loss > 0;
    }
}
