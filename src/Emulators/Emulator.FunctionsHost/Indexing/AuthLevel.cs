namespace Emulator.FunctionsHost.Indexing;

/// <summary>Who may call an HTTP function, as its binding's <c>authLevel</c> says.</summary>
internal enum AuthLevel
{
    /// <summary>Everybody.</summary>
    Anonymous,

    /// <summary>Who has a key; what a binding without a level means.</summary>
    Function,

    /// <summary>Who has the host's own key.</summary>
    Admin,
}
