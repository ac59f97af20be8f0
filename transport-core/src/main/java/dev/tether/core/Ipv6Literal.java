package dev.tether.core;

/** The text form of IPv6 addresses, checked without any look-up. Source: RFC 4291 §2.2, RFC 4007 §11 for zones. */
final class Ipv6Literal {

    private static final int GROUPS = 8;

    private Ipv6Literal() {}

    /** Whether {@code text} is an IPv6 address, without brackets, perhaps with a zone ({@code fe80::1%eth0}). */
    static boolean isValid(String text) {
        int zone = text.indexOf('%');
        if (zone >= 0 && !isZone(text.substring(zone + 1))) {
            return false;
        }
        String address = zone < 0 ? text : text.substring(0, zone);
        int gap = address.indexOf("::");
        if (gap < 0) {
            return countGroups(address, true) == GROUPS;
        }
        int before = countGroups(address.substring(0, gap), false);
        int after = countGroups(address.substring(gap + 2), true);
        return before >= 0 && after >= 0 && before + after < GROUPS;
    }

    /** How many groups of 16 bits the text has, an IPv4 address at its end counting as two; -1 if it is malformed. */
    private static int countGroups(String text, boolean ipv4AtEnd) {
        if (text.isEmpty()) {
            return 0;
        }
        String[] parts = text.split(":", -1);
        int last = parts.length - 1;
        int count = 0;
        for (int i = 0; i <= last; i++) {
            if (isGroup(parts[i])) {
                count++;
            } else if (i == last && ipv4AtEnd && isIpv4(parts[i])) {
                count += 2;
            } else {
                return -1;
            }
        }
        return count;
    }

    private static boolean isGroup(String text) {
        return !text.isEmpty()
                && text.length() <= 4
                && text.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F');
    }

    private static boolean isIpv4(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return false;
        }
        for (String part : parts) {
            boolean digits =
                    !part.isEmpty() && part.length() <= 3 && part.chars().allMatch(c -> c >= '0' && c <= '9');
            if (!digits || Integer.parseInt(part) > 255) {
                return false;
            }
        }
        return true;
    }

    private static boolean isZone(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c > ' ' && c < 0x7f && "[]@/?#%".indexOf(c) < 0);
    }
}
