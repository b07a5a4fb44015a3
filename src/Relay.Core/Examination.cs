using System.Diagnostics.CodeAnalysis;
using Relay.Core.Admission;
using Relay.Core.Rulings;

namespace Relay.Core;

/// <summary>Outcome of the steps before anything is promised: an admitted envelope, or the ruling that stopped it.</summary>
public sealed class Examination
{
    internal Examination(AdmittedEnvelope admitted) => Admitted = admitted;

    internal Examination(Ruling ruling) => Ruling = ruling;

    /// <summary>The envelope; null when stopped.</summary>
    public AdmittedEnvelope? Admitted { get; }

    /// <summary>Why it was stopped; null when admitted.</summary>
    public Ruling? Ruling { get; }

    /// <summary>True when admitted.</summary>
    [MemberNotNullWhen(true, nameof(Admitted))]
    [MemberNotNullWhen(false, nameof(Ruling))]
    public bool IsAdmitted => Admitted is not null;
}
