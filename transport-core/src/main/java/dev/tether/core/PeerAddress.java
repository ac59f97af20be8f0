package dev.tether.core;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Who a peer is, and where: its identity, and the host and port under which it can be reached. Immutable. The text form is
 * {@code tether://<52 characters of base32>@host:port}, with an IPv6 address in brackets. The host is not resolved here.
 *
 * <p>Without a host and a port, {@code tether://<52 characters of base32>}, it says only who: such a peer is reached through a
 * gateway that both have.
 */
public final class PeerAddress {

    /** The scheme of the text form. */
    public static final String SCHEME = "tether";

    private static final String PREFIX = SCHEME + "://";
    private static final String FORM = PREFIX + "<52 characters of base32>@host:port";
    private static final int MAX_HOST_LENGTH = 255;
    private static final int MAX_PORT = 65_535;

    private final PeerIdentity identity;
    private final @Nullable String host;
    private final int port;

    private PeerAddress(PeerIdentity identity, @Nullable String host, int port) {
        this.identity = identity;
        this.host = host;
        this.port = port;
    }

    /**
     * The address of a peer.
     *
     * @param host a name, or an IPv4 or IPv6 address (without brackets)
     * @param port 1 to 65,535
     * @throws IllegalArgumentException naming what is wrong and what to write instead
     */
    public static PeerAddress of(PeerIdentity identity, String host, int port) {
        checkHost(host);
        if (port < 1 || port > MAX_PORT) {
            throw new IllegalArgumentException("port " + port + " is not in 1 to " + MAX_PORT);
        }
        return new PeerAddress(identity, host, port);
    }

    /** The address of a peer of which only the identity is known. */
    public static PeerAddress of(PeerIdentity identity) {
        return new PeerAddress(identity, null, 0);
    }

    /**
     * Reads the text form. The scheme and the key may be in upper case.
     *
     * @throws IllegalArgumentException naming what is wrong with {@code text} and what to write instead
     */
    public static PeerAddress parse(String text) {
        try {
            return parseParts(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + text + "' is not a peer's address: " + e.getMessage(), e);
        }
    }

    private static PeerAddress parseParts(String text) {
        require(
                text.regionMatches(true, 0, PREFIX, 0, PREFIX.length()),
                "it does not start with '" + PREFIX + "'; write " + FORM);
        String rest = text.substring(PREFIX.length());
        int at = rest.indexOf('@');
        if (at < 0 && rest.indexOf(':') < 0) {
            return of(PeerIdentity.parse(rest));
        }
        require(at >= 0, "there is no '@' after a key; write " + FORM);
        require(at > 0, "there is no key before '@'; write " + FORM);
        PeerIdentity identity = PeerIdentity.parse(rest.substring(0, at));
        String authority = rest.substring(at + 1);
        boolean bracketed = authority.startsWith("[");
        int hostEnd = bracketed ? authority.indexOf(']') : authority.lastIndexOf(':');
        require(!bracketed || hostEnd > 0, "the bracket before the IPv6 address is not closed by ']'");
        int colon = bracketed ? hostEnd + 1 : hostEnd;
        require(
                colon >= 0 && colon < authority.length() && authority.charAt(colon) == ':',
                "there is no ':port' after the host; write " + FORM);
        String host = authority.substring(bracketed ? 1 : 0, hostEnd);
        require(
                bracketed || host.indexOf(':') < 0,
                "the host '" + host + "' has a ':'; write an IPv6 address in brackets, for instance [::1]:4433");
        require(
                !bracketed || host.indexOf(':') >= 0,
                "'" + host + "' in brackets is not an IPv6 address; write other hosts without brackets");
        return of(identity, host, parsePort(authority.substring(colon + 1)));
    }

    private static int parsePort(String text) {
        boolean digits = !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
        int port = digits && text.length() <= 5 ? Integer.parseInt(text) : 0;
        require(port >= 1 && port <= MAX_PORT, "the port '" + text + "' is not a number from 1 to " + MAX_PORT);
        return port;
    }

    private static void checkHost(String host) {
        require(!host.isEmpty(), "the host is empty; write a name, or an IPv4 or IPv6 address");
        require(
                host.length() <= MAX_HOST_LENGTH,
                "the host has " + host.length() + " characters, at most " + MAX_HOST_LENGTH + " are possible");
        if (host.indexOf(':') >= 0) {
            require(Ipv6Literal.isValid(host), "the host '" + host + "' is not an IPv6 address");
            return;
        }
        for (int i = 0; i < host.length(); i++) {
            require(
                    isHostCharacter(host.charAt(i)),
                    "the host '" + host + "' has '" + host.charAt(i) + "' at position " + (i + 1)
                            + "; a host has letters a-z, digits, '.', '-' and '_' (write an international name in its"
                            + " ASCII form, xn--…)");
        }
    }

    private static boolean isHostCharacter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == '_';
    }

    private static void require(boolean condition, String complaint) {
        if (!condition) {
            throw new IllegalArgumentException(complaint);
        }
    }

    /** Who the peer is. */
    public PeerIdentity identity() {
        return identity;
    }

    /** Whether it says where the peer is. */
    public boolean hasHost() {
        return host != null;
    }

    /**
     * A name, or an IPv4 or IPv6 address without brackets.
     *
     * @throws IllegalStateException if it {@linkplain #hasHost() has none}
     */
    public String host() {
        if (host == null) {
            throw new IllegalStateException(this + " says who the peer is, not where: it has no host");
        }
        return host;
    }

    /** The UDP port, 1 to 65,535; 0 if there is no host. */
    public int port() {
        return port;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PeerAddress address
                && identity.equals(address.identity)
                && Objects.equals(host, address.host)
                && port == address.port;
    }

    @Override
    public int hashCode() {
        return Objects.hash(identity, host, port);
    }

    /** The text form, as {@link #parse} reads it. */
    @Override
    public String toString() {
        if (host == null) {
            return PREFIX + identity;
        }
        String shownHost = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        return PREFIX + identity + "@" + shownHost + ":" + port;
    }
}
