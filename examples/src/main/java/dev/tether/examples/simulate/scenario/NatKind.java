package dev.tether.examples.simulate.scenario;

import dev.tether.core.simulation.NatSettings;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.TypeConversionException;

/** The usual kinds of NATs, by the names that RFC 3489 gave them. */
public enum NatKind {

    /** No NAT at all. */
    OPEN,

    /** One port for all, and everybody is let in. */
    FULL_CONE,

    /** One port for all, and the addresses that were sent to are let in. */
    ADDRESS_RESTRICTED,

    /** One port for all, and the addresses and ports that were sent to are let in. */
    PORT_RESTRICTED,

    /** A port of its own for each remote address and port, and only that one is let in. */
    SYMMETRIC;

    /** The settings; null for {@link #OPEN}. */
    public @Nullable NatSettings settings() {
        return switch (this) {
            case OPEN -> null;
            case FULL_CONE -> NatSettings.FULL_CONE;
            case ADDRESS_RESTRICTED -> NatSettings.ADDRESS_RESTRICTED;
            case PORT_RESTRICTED -> NatSettings.PORT_RESTRICTED;
            case SYMMETRIC -> NatSettings.SYMMETRIC;
        };
    }

    /** {@code port-restricted}: as on the command line and in files. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Reads an option. */
    public static NatKind option(String text) {
        return Arrays.stream(values())
                .filter(kind -> kind.toString().equals(text))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("'" + text + "' is not a kind of NAT; allowed are "
                        + Arrays.stream(values()).map(NatKind::toString).collect(Collectors.joining(", "))));
    }

    /** The settings of a kind in a file. */
    static NatSettings parse(String text) {
        for (NatKind kind : values()) {
            NatSettings settings = kind.settings();
            if (settings != null && kind.toString().equals(text)) {
                return settings;
            }
        }
        String allowed = Arrays.stream(values())
                .filter(kind -> kind != OPEN)
                .map(NatKind::toString)
                .collect(Collectors.joining(", "));
        throw new IllegalArgumentException("'" + text + "' is not a kind of NAT; allowed are " + allowed);
    }

    /** The kind that settings are of, their timeout and hairpinning aside. */
    static NatKind of(NatSettings settings) {
        for (NatKind kind : values()) {
            NatSettings usual = kind.settings();
            if (usual != null && usual.mapping() == settings.mapping() && usual.filtering() == settings.filtering()) {
                return kind;
            }
        }
        throw new IllegalArgumentException("there is no name for " + settings);
    }
}
