package dev.tether.core.stream;

/**
 * How urgent the bytes of a stream are: a number from {@value #MOST} to {@value #LEAST}. A stream sends nothing while a more
 * urgent one has something to send; streams of one urgency share what is left in equal parts. The range and the default are
 * those of RFC 9218 §4.1.
 */
public final class Urgency {

    /** Before all others. */
    public static final int MOST = 0;

    /** That of a stream for which none was set. */
    public static final int DEFAULT = 3;

    /** After all others. */
    public static final int LEAST = 7;

    /** How many there are. */
    static final int COUNT = LEAST + 1;

    private Urgency() {}

    static void require(int urgency) {
        if (urgency < MOST || urgency > LEAST) {
            throw new IllegalArgumentException("the urgency is " + urgency + ", it must be from " + MOST
                    + ", the most urgent, to " + LEAST + ", the least");
        }
    }
}
