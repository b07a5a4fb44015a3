// A role for signers. The built-in Key Vault Crypto User also updates and backs up keys: a mediator holding it could re-enable its own
// version after an operator has revoked it, or extend its expiry.
targetScope = 'subscription'

var here = subscription().id

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(here, 'relay-key-signer')
  properties: {
    roleName: 'Relay key signer'
    description: 'Reads one key and signs with it.'
    type: 'CustomRole'
    permissions: [
      {
        actions: []
        notActions: []
        dataActions: [
          'Microsoft.KeyVault/vaults/keys/read'
          'Microsoft.KeyVault/vaults/keys/sign/action'
        ]
        notDataActions: []
      }
    ]
    assignableScopes: [here]
  }
}

@description('Resource id of the role.')
output roleDefinitionId string = role.id
