namespace Relay.Client.Tests.Adversary;

/// <summary>What a relay may do with one-time keys that it is to hand out.</summary>
internal enum PrekeyLie
{
    /// <summary>Nothing but what it should.</summary>
    Honest,

    /// <summary>Hands a key out that another envelope has.</summary>
    GivesTwice,

    /// <summary>Passes a key over and keeps it.</summary>
    Hoards,

    /// <summary>Says that none is left while some are.</summary>
    PretendsExhaustion,

    /// <summary>Goes on from an entry before the last, as if that had not been.</summary>
    LeavesOut,

    /// <summary>Hands out keys of a bundle that another has replaced.</summary>
    GivesOfOlderBundle,
}
