namespace Relay.Core.Ledger.Store;

/// <summary>A call to the ledger's store failed. A put or delete that ends so may be done, or be done later.</summary>
public sealed class LedgerStoreException : Exception
{
    /// <summary>With what was tried on which blob, and what came.</summary>
    public LedgerStoreException(string message)
        : base(message)
    {
    }

    /// <inheritdoc cref="LedgerStoreException(string)"/>
    public LedgerStoreException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
