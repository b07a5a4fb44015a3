namespace Relay.Risk.Silence;

/// <summary>Parties and causes as events and metrics spell them.</summary>
public static class SilenceText
{
    public static string ToText(this PartyKind kind) => kind switch
    {
        PartyKind.Delegation => "delegation",
        PartyKind.Mediator => "mediator",
        PartyKind.Relay => "relay",
    };

    public static string ToText(this SilenceCause cause) => cause switch
    {
        SilenceCause.Party => "party",
        SilenceCause.Path => "path",
        SilenceCause.Relay => "relay",
    };
}
