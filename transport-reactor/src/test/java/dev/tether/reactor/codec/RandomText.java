package dev.tether.reactor.codec;

import java.util.random.RandomGenerator;

/** Strings of whole characters from every part of Unicode, the ends of each length of UTF-8 among them; often empty. */
public final class RandomText {

    private static final int[] EDGES = {
        0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfeff, 0xfffd, 0xffff, 0x10000, 0x10ffff
    };

    private RandomText() {}

    /** Draws one, of up to 300 characters. */
    public static String draw(RandomGenerator random) {
        StringBuilder text = new StringBuilder();
        int length = random.nextBoolean() ? random.nextInt(4) : random.nextInt(300);
        for (int i = 0; i < length; i++) {
            text.appendCodePoint(
                    switch (random.nextInt(4)) {
                        case 0 -> random.nextInt(0x80);
                        case 1 -> random.nextInt(0xd800);
                        case 2 -> random.nextInt(0x10000, 0x110000);
                        default -> EDGES[random.nextInt(EDGES.length)];
                    });
        }
        return text.toString();
    }
}
