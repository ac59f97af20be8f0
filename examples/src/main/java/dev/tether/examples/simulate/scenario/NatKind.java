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
    OPEN(null),

    /** One port for all, and everybody is let in. */
    FULL_CONE(NatSettings.FULL_CONE),

    /** One port for all, and the addresses that were sent to are let in. */
    ADDRESS_RESTRICTED(NatSettings.ADDRESS_RESTRICTED),

    /** One port for all, and the addresses and ports that were sent to are let in. */
    PORT_RESTRICTED(NatSettings.PORT_RESTRICTED),

    /** A port of its own for each remote address and port, and only that one is let in. */
    SYMMETRIC(NatSettings.SYMMETRIC);

    private final @Nullable NatSettings settings;

    NatKind(@Nullable NatSettings settings) {
        this.settings = settings;
    }

    /** The settings; null for {@link #OPEN}. */
    public @Nullable NatSettings settings() {
        return settings;
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
            if (kind.settings != null && kind.toString().equals(text)) {
                return kind.settings;
            }
        }
        String allowed = Arrays.stream(values())
                .filter(kind -> kind.settings != null)
                .map(NatKind::toString)
                .collect(Collectors.joining(", "));
        throw new IllegalArgumentException("'" + text + "' is not a kind of NAT; allowed are " + allowed);
    }

    /** The kind that settings are of, their timeout and hairpinning aside. */
    static NatKind of(NatSettings settings) {
        for (NatKind kind : values()) {
            if (kind.settings != null
                    && kind.settings.mapping() == settings.mapping()
                    && kind.settings.filtering() == settings.filtering()) {
                return kind;
            }
        }
        throw new IllegalArgumentException("there is no name for " + settings);
    }
}
