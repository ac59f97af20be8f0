package dev.tether.examples.transfer;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which names a receiver takes from a peer: plain ones, that stay in its directory and can be shown on a terminal. */
final class FileName {

    /** The longest file name of common file systems, 255 bytes, without the longest suffix of a partial file. */
    static final int MAX_BYTES = 255 - ".12345678.part".length();

    private static final Pattern PARTIAL = Pattern.compile(".*\\.[0-9a-f]{8}\\.part");

    private FileName() {}

    /** What is wrong with {@code name}, or null if it is a plain file name. */
    static @Nullable String problemWith(String name) {
        if (name.isEmpty()) {
            return "it is empty";
        }
        if (name.equals(".") || name.equals("..")) {
            return "it is a directory";
        }
        if (name.indexOf('/') >= 0 || name.indexOf('\\') >= 0) {
            return "it contains a path separator";
        }
        if (!name.codePoints().allMatch(FileName::isPrintable)) {
            return "it contains a character that cannot be shown";
        }
        if (name.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            return "it is longer than " + MAX_BYTES + " bytes";
        }
        if (PARTIAL.matcher(name).matches()) {
            return "it is reserved for partial files";
        }
        return null;
    }

    /** The name of the file that holds what has arrived of {@code name} with the content {@code digest}. */
    static String partial(String name, Sha256 digest) {
        return name + "." + digest.shortName() + ".part";
    }

    /** The {@code number}th other name for {@code name}: {@code a.txt} becomes {@code a-1.txt}. */
    static String alternative(String name, int number) {
        int dot = name.lastIndexOf('.');
        int end = dot > 0 ? dot : name.length();
        return name.substring(0, end) + "-" + number + name.substring(end);
    }

    /** Neither a control character, nor one that turns the direction of the text, nor half of a character. */
    private static boolean isPrintable(int codePoint) {
        return !Character.isISOControl(codePoint)
                && Character.getType(codePoint) != Character.SURROGATE
                && Character.getType(codePoint) != Character.LINE_SEPARATOR
                && Character.getType(codePoint) != Character.PARAGRAPH_SEPARATOR
                && !(codePoint >= 0x202a && codePoint <= 0x202e)
                && !(codePoint >= 0x2066 && codePoint <= 0x2069);
    }
}
